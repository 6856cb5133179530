import { describe, expect, it } from '@jest/globals';
import { localClock, mondayOf } from '../../src/core/local-time.ts';

describe('local time', () => {
  it('begins a day whose midnight is skipped at the first instant there is', () => {
    // Clocks went from 24:00 to 01:00: https://www.timeanddate.com/time/zone/lebanon/beirut
    const clock = localClock('Asia/Beirut');
    expect(clock?.format(clock.startOf({ year: 2025, month: 3, day: 30 }))).toBe('2025-03-30T01:00:00+03:00');
  });

  it.each([
    ['2026-03-09', '2026-03-09'],
    ['2026-03-15', '2026-03-09'],
    ['2026-03-01', '2026-02-23'],
  ])('the week of %s begins on Monday %s', (day, monday) => {
    const date = (text: string) => {
      const [year = 0, month = 0, number = 0] = text.split('-').map(Number);
      return { year, month, day: number };
    };
    expect(mondayOf(date(day))).toEqual(date(monday));
  });
});
