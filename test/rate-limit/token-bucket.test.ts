import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type BucketState,
  bucketShape,
  levelAt,
  tokensIn,
  untilFull,
  waitFor,
} from '../../src/rate-limit/token-bucket.ts';

const sizes = fc.record({
  amount: fc.integer({ min: 1, max: 1_000_000 }),
  burst: fc.integer({ min: 1, max: 1_000_000 }),
  windowMs: fc.constantFrom(1_000, 60_000, 3_600_000, 86_400_000, 777, 2_592_000_000),
});

const steps = fc.array(
  fc.record({ pause: fc.integer({ min: 0, max: 100_000 }), tokens: fc.integer({ min: 1, max: 2_000 }) }),
  { minLength: 1, maxLength: 200 },
);

describe('a token bucket', () => {
  it('never gives more than it held and what was refilled', () => {
    fc.assert(
      fc.property(sizes, steps, (size, sequence) => {
        const shape = bucketShape(size);
        const state: BucketState = { level: shape.capacity, at: 0 };
        let now = 0;
        let given = 0n;
        for (const { pause, tokens } of sequence) {
          now += pause;
          const level = levelAt(shape, state, now);
          if (waitFor(shape, level, tokens) > 0) continue;
          state.level = level - tokens * shape.unit;
          state.at = now;
          given += BigInt(tokens);
        }
        const { amount, burst, windowMs } = size;
        expect(given * BigInt(windowMs) <= BigInt(burst) * BigInt(windowMs) + BigInt(now) * BigInt(amount)).toBe(true);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('has what was asked for after the wait it names, and not a millisecond before', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: 100 }), (size, percent) => {
        const shape = bucketShape(size);
        const tokens = Math.max(1, Math.floor((size.burst * percent) / 100));
        const empty: BucketState = { level: 0, at: 5 };
        const wait = waitFor(shape, 0, tokens);
        expect(waitFor(shape, levelAt(shape, empty, 5 + wait), tokens)).toBe(0);
        expect(waitFor(shape, levelAt(shape, empty, 5 + wait - 1), tokens)).toBeGreaterThan(0);
        expect(levelAt(shape, empty, 5 + untilFull(shape, 0))).toBe(shape.capacity);
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it('counts in whole numbers', () => {
    expect(bucketShape({ amount: 7, burst: 7, windowMs: 60_000 })).toEqual({
      kind: 'token-bucket',
      capacity: 420_000,
      rate: 7,
      unit: 60_000,
    });
    expect(bucketShape({ amount: 60, burst: 5, windowMs: 60_000 })).toEqual({
      kind: 'token-bucket',
      capacity: 5_000,
      rate: 1,
      unit: 1_000,
    });
  });

  it.each([
    [1e15, 1e15, 31_536_000_000],
    [999_999_937, 1e15, 31_535_999_999],
    [1, 1e15, 31_536_000_001],
  ])(
    'stays exact in its sums and never gives more for numbers as large as %d and %d in %d ms',
    (amount, burst, windowMs) => {
      const shape = bucketShape({ amount, burst, windowMs });
      expect(shape.capacity + shape.rate).toBeLessThan(Number.MAX_SAFE_INTEGER);
      expect(shape.rate).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(shape.rate) && Number.isInteger(shape.unit)).toBe(true);
      expect(tokensIn(shape, shape.capacity)).toBeLessThanOrEqual(burst);
    },
  );

  it('is not filled by a clock that goes back', () => {
    const shape = bucketShape({ amount: 60, burst: 60, windowMs: 60_000 });
    expect(levelAt(shape, { level: 500, at: 10_000 }, 5_000)).toBe(500);
  });
});
