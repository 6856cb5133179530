import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BillableUsage, pricingOf } from '../../src/prices/index.ts';

const at = Date.parse('2026-11-21T12:00:00Z');
const models = [
  ['openai', 'gpt-4o'],
  ['openai', 'gpt-5.4'],
  ['anthropic', 'claude-sonnet-4-5'],
  ['gemini', 'gemini-2.5-pro'],
  ['gemini', 'gemini-2.5-flash'],
  ['deepseek', 'deepseek-flash'],
  ['bedrock', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
  ['ollama', 'any'],
] as const;
const pricings = models.map(([provider, model]) => pricingOf({ provider, model }));
/** Without prices that depend on the prompt's length. */
const steady = [pricings[0], pricings[4], pricings[5], pricings[6]].filter((pricing) => pricing !== undefined);

const tokens = fc.nat({ max: 3_000_000 });

/** Parts that fit into their totals. */
const consistent: fc.Arbitrary<BillableUsage> = fc
  .record({ fresh: tokens, read: tokens, write: tokens, hour: tokens, text: tokens, reasoning: tokens })
  .map(({ fresh, read, write, hour, text, reasoning }) => ({
    inputTokens: fresh + read + write + hour,
    cacheReadTokens: read,
    cacheWriteTokens: write + hour,
    cacheWrite1hTokens: hour,
    outputTokens: text + reasoning,
    reasoningTokens: reasoning,
  }));

/** Whatever a provider may send. */
const any: fc.Arbitrary<BillableUsage> = fc.record({
  inputTokens: fc.oneof(tokens, fc.constant(Number.MAX_SAFE_INTEGER)),
  outputTokens: fc.oneof(tokens, fc.constant(Number.MAX_SAFE_INTEGER)),
  cacheReadTokens: tokens,
  cacheWriteTokens: tokens,
  cacheWrite1hTokens: tokens,
  inputAudioTokens: tokens,
  cacheReadAudioTokens: tokens,
  inputImageTokens: tokens,
  outputAudioTokens: tokens,
  reasoningTokens: tokens,
});

function nano(pricing: (typeof pricings)[number], usage: BillableUsage): number {
  return pricing.priceOf(usage, at)?.nanoUsd ?? Number.NaN;
}

function sum(a: BillableUsage, b: BillableUsage): BillableUsage {
  const keys = Object.keys(a) as (keyof BillableUsage)[];
  return Object.fromEntries(keys.map((key) => [key, Number(a[key]) + Number(b[key])])) as unknown as BillableUsage;
}

describe('prices', () => {
  it('are whole, never negative, and never throw, whatever the usage', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pricings), any, (pricing, usage) => {
        const price = nano(pricing, usage);
        expect(Number.isInteger(price) && price >= 0).toBe(true);
      }),
      { seed: 1 },
    );
  });

  it('add up to within the rounding', () => {
    fc.assert(
      fc.property(fc.constantFrom(...steady), consistent, consistent, (pricing, a, b) => {
        expect(Math.abs(nano(pricing, sum(a, b)) - nano(pricing, a) - nano(pricing, b))).toBeLessThanOrEqual(1);
      }),
      { seed: 2 },
    );
  });

  it('never fall when more is used', () => {
    fc.assert(
      fc.property(fc.constantFrom(...pricings), consistent, consistent, (pricing, usage, more) => {
        expect(nano(pricing, sum(usage, more))).toBeGreaterThanOrEqual(nano(pricing, usage));
      }),
      { seed: 3 },
    );
  });
});
