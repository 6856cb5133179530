import { describe, expect, it } from '@jest/globals';
import type { FaultKind } from '../../src/dialects/canonical.ts';
import { defaultBackoff, type RetryFacts, retryDelay } from '../../src/routing/retry-delay.ts';
import { seededRandom } from '../support/manual-runtime.ts';

const options = { base: 100, cap: 1500, longestHint: 60_000, leastTimeLeft: 200 };

function facts(overrides: Partial<RetryFacts> = {}): RetryFacts {
  return { kind: 'server_error', retries: 0, timeLeft: 60_000, ...overrides };
}

/** Largest distance between a sample's distribution and the uniform one on [low, high], times the root of its size. */
function kolmogorovSmirnov(sample: readonly number[], low: number, high: number): number {
  const sorted = sample.map((value) => (value - low) / (high - low)).sort((a, b) => a - b);
  const distances = sorted.map((value, index) =>
    Math.max(Math.abs((index + 1) / sorted.length - value), Math.abs(value - index / sorted.length)),
  );
  return Math.max(...distances) * Math.sqrt(sorted.length);
}

/** Kolmogorov's critical value for p = 0.01. */
const critical = 1.628;

function draw(count: number, given: RetryFacts): readonly number[] {
  const random = seededRandom(20_250_801 + given.retries);
  return Array.from({ length: count }, () => retryDelay(given, options, random) ?? Number.NaN);
}

describe('retryDelay', () => {
  it.each([
    [0, 100],
    [1, 200],
    [2, 400],
    [3, 800],
    [4, 1500],
    [60, 1500],
  ])('FO-10: spreads 1,000 delays after %d retries evenly over [0, %d]', (retries, ceiling) => {
    const delays = draw(1000, facts({ retries }));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(ceiling);
    expect(kolmogorovSmirnov(delays, 0, ceiling)).toBeLessThan(critical);
  });

  it('FO-10: would notice a delay without full jitter', () => {
    const half = draw(1000, facts({ retries: 3 })).map((delay) => 400 + delay / 2);
    expect(kolmogorovSmirnov(half, 0, 800)).toBeGreaterThan(critical);
  });

  it.each([0, 1, 5])('FO-10: waits at least half the base after a 429 without a hint (retry %d)', (retries) => {
    const ceiling = Math.min(options.cap, options.base * 2 ** retries);
    const delays = draw(1000, facts({ kind: 'rate_limit', retries }));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(options.base / 2);
    expect(Math.max(...delays)).toBeLessThanOrEqual(ceiling);
    expect(kolmogorovSmirnov(delays, options.base / 2, ceiling)).toBeLessThan(critical);
  });

  it.each(['rate_limit', 'server_error'] as const)('FO-10: waits at least what the provider asks for (%s)', (kind) => {
    const delays = draw(1000, facts({ kind, retries: 1, retryAfterMs: 7000 }));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(7000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(7200);
    expect(new Set(delays).size).toBeGreaterThan(900);
  });

  it('does not let its own cap shorten what the provider asks for', () => {
    expect(retryDelay(facts({ kind: 'rate_limit', retryAfterMs: 9000 }), options, () => 0)).toBe(9000);
  });

  it.each([
    // hint, time left, waits
    [5000, 5200, true],
    [5001, 5200, false],
    [5000, 4000, false],
    [60_000, Number.POSITIVE_INFINITY, true],
    [60_001, Number.POSITIVE_INFINITY, false],
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, false],
  ])('with a hint of %d ms and %d ms left, waits: %s', (retryAfterMs, timeLeft, waits) => {
    const delay = retryDelay(facts({ kind: 'rate_limit', retryAfterMs, timeLeft }), options, () => 0.999);
    expect(delay !== undefined).toBe(waits);
  });

  it('FO-09: never uses up the time an attempt needs', () => {
    const random = seededRandom(9);
    for (let timeLeft = 0; timeLeft < 3000; timeLeft += 7) {
      for (const kind of ['rate_limit', 'server_error'] satisfies FaultKind[]) {
        for (const retryAfterMs of [undefined, 1, 400]) {
          const hint = retryAfterMs === undefined ? {} : { retryAfterMs };
          const delay = retryDelay(facts({ kind, retries: 4, timeLeft, ...hint }), options, random);
          if (delay !== undefined) expect(timeLeft - delay).toBeGreaterThanOrEqual(options.leastTimeLeft);
        }
      }
    }
  });

  it.each([0, -5, Number.NaN])('takes %d as no hint', (retryAfterMs) => {
    expect(retryDelay(facts({ kind: 'rate_limit', retryAfterMs }), options, () => 0)).toBe(50);
    expect(retryDelay(facts({ retryAfterMs }), options, () => 0.5)).toBe(50);
  });

  it('retries at once with a base of 0, however many retries came before', () => {
    expect(retryDelay(facts({ retries: 5000 }), { ...options, base: 0 }, () => 0.9)).toBe(0);
  });

  it('keeps its documented defaults', () => {
    expect(defaultBackoff).toEqual({ base: 500, cap: 8000, longestHint: 60_000, leastTimeLeft: 200 });
  });
});
