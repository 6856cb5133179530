import { expect } from '@jest/globals';
import type { Measure } from '../../verify/harness/measure.ts';

/** Every number is as it must be; the message says which is not, and what it was. */
export function expectAll(measures: readonly Measure[]): void {
  expect(measures.length).toBeGreaterThan(0);
  expect(measures.filter(({ pass }) => !pass)).toEqual([]);
}
