import { describe, expect, it } from '@jest/globals';
import type { BudgetPeriod } from '../../src/core/budget-rule.ts';
import { periodClock } from '../../src/cost-guard/period.ts';

const hour = 3_600_000;
const at = (text: string): number => Date.parse(text);
const clock = (period: BudgetPeriod, timezone: string) => periodClock({ period, timezone });

describe('CG-27: a day of a budget', () => {
  it.each([
    // Clocks are put forward at 02:00, and back at 03:00.
    ['Europe/Amsterdam', '2026-03-29T12:00:00Z', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00', 23],
    ['Europe/Amsterdam', '2026-10-25T12:00:00Z', '2026-10-25T00:00:00+02:00', '2026-10-26T00:00:00+01:00', 25],
    ['Europe/Amsterdam', '2026-06-10T22:30:00Z', '2026-06-11T00:00:00+02:00', '2026-06-12T00:00:00+02:00', 24],
    ['Asia/Kathmandu', '2026-06-10T18:14:59Z', '2026-06-10T00:00:00+05:45', '2026-06-11T00:00:00+05:45', 24],
    ['Asia/Kathmandu', '2026-06-10T18:15:00Z', '2026-06-11T00:00:00+05:45', '2026-06-12T00:00:00+05:45', 24],
    ['Pacific/Chatham', '2026-01-10T12:00:00Z', '2026-01-11T00:00:00+13:45', '2026-01-12T00:00:00+13:45', 24],
    ['Pacific/Chatham', '2026-04-04T20:00:00Z', '2026-04-05T00:00:00+13:45', '2026-04-06T00:00:00+12:45', 25],
    ['America/St_Johns', '2026-07-01T12:00:00Z', '2026-07-01T00:00:00-02:30', '2026-07-02T00:00:00-02:30', 24],
    // Clocks are put forward at midnight: the day begins at one.
    ['Africa/Cairo', '2026-04-24T12:00:00Z', '2026-04-24T01:00:00+03:00', '2026-04-25T00:00:00+03:00', 23],
    // Clocks are put back at midnight: the day before has its last hour twice.
    ['Africa/Cairo', '2026-10-29T12:00:00Z', '2026-10-29T00:00:00+03:00', '2026-10-30T00:00:00+02:00', 25],
    ['UTC', '2026-12-31T23:59:59Z', '2026-12-31T00:00:00Z', '2027-01-01T00:00:00+00:00', 24],
  ])('in %s at %s begins %s and ends %s, after %d hours', (timezone, now, begins, ends, hours) => {
    const found = clock('day', timezone)(at(now));
    expect(new Date(found.since).toISOString()).toBe(new Date(begins).toISOString());
    expect(found.resetAtText).toBe(ends);
    expect(found.resetAt - found.since).toBe(hours * hour);
  });

  it('passes into the next at its very millisecond, and back', () => {
    const day = clock('day', 'Europe/Amsterdam');
    const midnight = at('2026-03-30T00:00:00+02:00');
    expect(day(midnight - 1).resetAt).toBe(midnight);
    expect(day(midnight).since).toBe(midnight);
    expect(day(midnight - 1).resetAt).toBe(midnight);
  });
});

describe('CG-27: longer periods of a budget', () => {
  it('has weeks from Monday', () => {
    const found = clock('week', 'Europe/Amsterdam')(at('2026-03-29T21:59:59Z'));
    expect(new Date(found.since).toISOString()).toBe('2026-03-22T23:00:00.000Z');
    expect(found.resetAtText).toBe('2026-03-30T00:00:00+02:00');
    expect(found.resetAt - found.since).toBe((7 * 24 - 1) * hour);
  });

  it.each([
    ['2026-03-31T23:00:00Z', 'Europe/Amsterdam', '2026-05-01T00:00:00+02:00'],
    ['2026-10-15T00:00:00Z', 'Europe/Amsterdam', '2026-11-01T00:00:00+01:00'],
    ['2026-12-31T23:59:59Z', 'UTC', '2027-01-01T00:00:00+00:00'],
    ['2028-02-29T12:00:00Z', 'Asia/Kathmandu', '2028-03-01T00:00:00+05:45'],
  ])('ends the month of %s in %s at %s', (now, timezone, ends) => {
    expect(clock('month', timezone)(at(now)).resetAtText).toBe(ends);
  });

  it('puts all times of a year into exactly one day, without a gap', () => {
    for (const timezone of ['Europe/Amsterdam', 'Pacific/Chatham', 'Africa/Cairo']) {
      const day = clock('day', timezone);
      let last = day(at('2026-01-01T00:00:00Z'));
      for (let now = at('2026-01-01T00:00:00Z'); now < at('2027-01-01T00:00:00Z'); now += 3 * hour) {
        const found = day(now);
        expect(now >= found.since && now < found.resetAt).toBe(true);
        if (found.since !== last.since) expect(found.since).toBe(last.resetAt);
        last = found;
      }
    }
  });
});

describe('a rolling period', () => {
  const rolling = clock({ rollingMs: 24 * hour }, 'UTC');

  it('counts what is not older than it is long, and at most a sixtieth longer', () => {
    for (let now = at('2026-06-01T00:00:00Z'); now < at('2026-06-03T00:00:00Z'); now += 7 * 60_000) {
      const { since, slice } = rolling(now);
      expect(slice).toBeLessThanOrEqual(now);
      expect(since).toBeLessThanOrEqual(now - 24 * hour);
      expect(since).toBeGreaterThan(now - 24 * hour - 24 * 60_000 * 2);
    }
  });

  it('says when all of what is spent now has ceased to count', () => {
    const now = at('2026-06-01T00:10:00Z');
    const { resetAt, slice } = rolling(now);
    expect(rolling(resetAt).since).toBeGreaterThan(slice);
    expect(rolling(resetAt - 25 * 60_000).since).toBeLessThanOrEqual(slice);
  });

  it('arms its alerts once in each of its lengths', () => {
    const now = at('2026-06-01T05:00:00Z');
    expect(rolling(now + hour).period).toBe(rolling(now).period);
    expect(rolling(now + 24 * hour).period).toBe(rolling(now).period + 24 * hour);
  });
});
