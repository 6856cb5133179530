import { describe, expect, it } from '@jest/globals';
import { FailureStreak } from '../../src/routing/failure-streak.ts';
import { seededRandom } from '../support/manual-runtime.ts';

/** Failures in a row until the streak counts as an outage, after traffic with the given error rate. */
function tolerance(errorRate: number, { attempts = 1000, least = 5 } = {}): number {
  const random = seededRandom(4);
  const streak = new FailureStreak();
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (random() < errorRate) streak.fail();
    else streak.succeed();
  }
  streak.succeed();
  while (!streak.isOutage(least) && streak.length < 1000) streak.fail();
  return streak.length;
}

describe('FailureStreak', () => {
  it.each([0, 0.01, 0.05])('FO-14: takes 5 failures in a row for an outage at a usual error rate of %d', (rate) => {
    expect(tolerance(rate)).toBe(5);
  });

  it('FO-14: takes 5 for an outage while little is known, however bad the beginning', () => {
    expect(tolerance(0, { attempts: 0 })).toBe(5);
    const streak = new FailureStreak();
    for (let time = 0; time < 4; time += 1) streak.fail();
    streak.succeed();
    for (let time = 0; time < 5; time += 1) streak.fail();
    expect(streak.isOutage(5)).toBe(true);
  });

  it.each([
    [0.2, 6, 9],
    [0.3, 8, 12],
    [0.5, 14, 20],
    [0.9, 20, 20],
  ])('FO-27: grants a target that usually fails at %d between %d and %d', (rate, low, high) => {
    expect(tolerance(rate)).toBeGreaterThanOrEqual(low);
    expect(tolerance(rate)).toBeLessThanOrEqual(high);
  });

  it('forgets bad times', () => {
    const streak = new FailureStreak();
    for (let time = 0; time < 1000; time += 1) {
      streak.fail();
      streak.succeed();
    }
    for (let time = 0; time < 2000; time += 1) streak.succeed();
    for (let time = 0; time < 5; time += 1) streak.fail();
    expect(streak.isOutage(5)).toBe(true);
  });

  it.each([1, 2, 10])('never takes fewer than the configured %d', (least) => {
    expect(tolerance(0, { least })).toBe(least);
    expect(tolerance(0.3, { least })).toBeGreaterThanOrEqual(least);
  });

  it('never takes any number for an outage when told so', () => {
    expect(tolerance(0.3, { least: Number.POSITIVE_INFINITY })).toBe(1000);
    expect(tolerance(0, { least: Number.POSITIVE_INFINITY })).toBe(1000);
  });
});
