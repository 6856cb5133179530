import { describe, expect, it } from '@jest/globals';
import { traitsOf } from '../../../src/dialects/anthropic-messages/models.ts';

/** Name, thinking, largest answer, whether forced calls and structured outputs are taken. */
const table = [
  ['anthropic.claude-v2:1', 'none', 4096, 'accepted', 'refused'],
  ['claude-3-haiku-20240307', 'none', 4096, 'accepted', 'refused'],
  ['claude-3-5-sonnet-20241022', 'none', 8192, 'accepted', 'refused'],
  ['claude-3-7-sonnet-latest', 'budget', 64_000, 'accepted', 'refused'],
  ['claude-sonnet-4-20250514', 'budget', 64_000, 'accepted', 'refused'],
  ['claude-opus-4-0', 'budget', 32_000, 'accepted', 'refused'],
  ['claude-opus-4-1-20250805', 'budget', 32_000, 'accepted', 'refused'],
  ['claude-sonnet-4-5@20250929', 'budget', 64_000, 'accepted', 'accepted'],
  ['us.anthropic.claude-haiku-4-5-20251001-v1:0', 'budget', 64_000, 'accepted', 'accepted'],
  ['anthropic/claude-opus-4.5', 'budget', 64_000, 'accepted', 'accepted'],
  ['claude-sonnet-4-6', 'budget-or-adaptive', 64_000, 'accepted', 'accepted'],
  ['claude-opus-4-6', 'budget-or-adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-opus-4-7', 'adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-opus-4-8', 'adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-sonnet-5', 'adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-opus-5', 'adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-haiku-5-5', 'adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-fable-5', 'adaptive', 128_000, 'accepted', 'accepted'],
  ['claude-fable-5-1', 'adaptive', 128_000, 'refused', 'accepted'],
  ['claude-opus-5-5', 'adaptive', 128_000, 'refused', 'accepted'],
  ['claude-sonnet-5-5', 'adaptive', 128_000, 'refused', 'accepted'],
  ['claude-something-9', 'adaptive', 128_000, 'refused', 'accepted'],
  ['deepseek-chat', 'budget', Number.POSITIVE_INFINITY, 'accepted', 'refused'],
] as const;

describe('what is known of models', () => {
  for (const [model, thinking, maxOutputTokens, forcedToolChoice, structuredOutput] of table) {
    it(`is found by name: ${model}`, () => {
      expect(traitsOf(model)).toMatchObject({ thinking, maxOutputTokens, forcedToolChoice, structuredOutput });
    });
  }

  it('never asks for more tokens than the model can write', () => {
    for (const [model] of table) {
      expect(traitsOf(model).defaultMaxTokens).toBeLessThanOrEqual(traitsOf(model).maxOutputTokens);
    }
  });

  it('can be overruled', () => {
    const mine = { ...traitsOf('claude-opus-5'), match: /^claude-opus-5$/, maxOutputTokens: 1 };
    expect(traitsOf('claude-opus-5', [mine]).maxOutputTokens).toBe(1);
    expect(traitsOf('claude-opus-5-5', [mine]).maxOutputTokens).toBe(128_000);
  });
});
