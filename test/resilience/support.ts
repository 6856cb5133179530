import { expect } from '@jest/globals';
import type { Measure } from '../../verify/harness/measure.ts';

/**
 * Every number is as it must be; the message says which is not, and what it was. Those that a busy machine alone can miss
 * are left to `npm run verify`.
 */
export function expectAll(measures: readonly Measure[]): void {
  const untimed = measures.filter(({ timed }) => !timed);
  expect(untimed.length).toBeGreaterThan(0);
  expect(untimed.filter(({ pass }) => !pass)).toEqual([]);
}
