import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ReasoningOptions } from '../../../src/dialects/canonical.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { plainRequest } from '../contract/samples.ts';

const { request } = gemini();

function thinking(reasoning: ReasoningOptions, model: string) {
  const { body, dropped } = request.encode({ ...plainRequest, reasoning }, { model });
  return { config: (body.generationConfig as JsonObject | undefined)?.thinkingConfig, dropped };
}

describe('thinking', () => {
  it.each<[string, ReasoningOptions, JsonObject | undefined]>([
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', { effort: 'minimal' }, { thinkingBudget: 1024 }],
    ['gemini-2.5-flash', { effort: 'low' }, { thinkingBudget: 1024 }],
    ['gemini-2.5-flash', { effort: 'medium' }, { thinkingBudget: 8192 }],
    ['gemini-2.5-flash', { effort: 'high' }, { thinkingBudget: 24_576 }],
    ['gemini-2.5-flash', { effort: 'xhigh' }, { thinkingBudget: 24_576 }],
    ['gemini-2.5-flash', { enabled: true }, { thinkingBudget: -1 }],
    ['gemini-2.5-flash', { enabled: false, includeText: true }, { thinkingBudget: 0 }],
    ['gemini-2.5-flash', { budgetTokens: 50 }, { thinkingBudget: 50 }],
    ['gemini-2.5-flash', { effort: 'low', budgetTokens: 99 }, { thinkingBudget: 99 }],
    ['gemini-2.5-flash', { includeText: true }, { includeThoughts: true }],
    ['gemini-2.5-flash-lite', { budgetTokens: 50 }, { thinkingBudget: 512 }],
    ['gemini-2.5-flash-lite', { enabled: false }, { thinkingBudget: 0 }],
    ['gemini-2.5-pro', { effort: 'none' }, { thinkingBudget: 128 }],
    ['gemini-2.5-pro', { effort: 'max', includeText: false }, { thinkingBudget: 32_768, includeThoughts: false }],
    ['gemini-flash-latest', { effort: 'medium' }, { thinkingBudget: 8192 }],
    ['gemini-3-flash-preview', { effort: 'minimal' }, { thinkingLevel: 'minimal' }],
    ['gemini-3-flash-preview', { effort: 'none' }, { thinkingLevel: 'minimal' }],
    [
      'gemini-3-flash-preview',
      { effort: 'medium', includeText: true },
      { thinkingLevel: 'medium', includeThoughts: true },
    ],
    ['gemini-3-flash-preview', { effort: 'xhigh' }, { thinkingLevel: 'high' }],
    ['gemini-3-flash-preview', { effort: 'low', budgetTokens: 9000 }, { thinkingLevel: 'low' }],
    ['gemini-3-flash-preview', { budgetTokens: 500 }, { thinkingLevel: 'low' }],
    ['gemini-3-flash-preview', { budgetTokens: 8000 }, { thinkingLevel: 'medium' }],
    ['gemini-3-flash-preview', { budgetTokens: 20_000 }, { thinkingLevel: 'high' }],
    ['gemini-3-flash-preview', { enabled: true }, undefined],
    ['gemini-3-pro-preview', { effort: 'medium' }, { thinkingLevel: 'high' }],
    ['gemini-3-pro-preview', { enabled: false }, { thinkingLevel: 'low' }],
    ['gemini-3.1-pro-preview', { effort: 'medium' }, { thinkingLevel: 'medium' }],
    ['gemini-3.1-pro-preview', { effort: 'minimal' }, { thinkingLevel: 'low' }],
    ['gemini-3.8-flash', { effort: 'minimal' }, { thinkingLevel: 'low' }],
    ['gemini-3.5-flash-lite', { effort: 'minimal' }, { thinkingLevel: 'minimal' }],
    ['gemini-2.0-flash', { effort: 'none' }, undefined],
    ['gemini-2.0-flash', { enabled: false }, undefined],
  ])('of %s asked for by %j', (model, reasoning, expected) => {
    expect(thinking(reasoning, model).config).toEqual(expected);
  });

  it.each<[string, ReasoningOptions]>([
    ['gemini-2.0-flash', { effort: 'high' }],
    ['gemini-2.0-flash', { enabled: true }],
    ['gemini-2.0-flash', { includeText: true }],
    ['gemini-2.5-flash-image', { budgetTokens: 100 }],
    ['gemini-3-pro-image-preview', { effort: 'low' }],
    ['gemini-2.5-flash', { effort: 'a word nobody knows' }],
    ['gemini-3-flash-preview', { effort: 'a word nobody knows' }],
    ['gemini-3-flash-preview', { effort: 'constructor' }],
    ['gemini-2.5-pro', { effort: 'none' }],
    ['gemini-3-flash-preview', { enabled: false }],
  ])('of %s is reported as dropped for %j', (model, reasoning) => {
    expect(thinking(reasoning, model).dropped).toEqual(['reasoning_effort']);
  });

  it.each<[string, ReasoningOptions]>([
    ['gemini-2.5-flash', { effort: 'none' }],
    ['gemini-2.5-pro', { effort: 'high' }],
    ['gemini-3-flash-preview', { effort: 'high', includeText: true }],
    ['gemini-2.0-flash', { enabled: false, includeText: true }],
    ['gemini-2.0-flash', {}],
  ])('of %s is not reported as dropped for %j', (model, reasoning) => {
    expect(thinking(reasoning, model).dropped).toEqual([]);
  });

  it.each([
    [{ thinkingLevel: 'HIGH' }, { effort: 'high' }],
    [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED', includeThoughts: true }, { includeText: true }],
    [{ thinkingBudget: 0 }, { enabled: false }],
    [{ thinkingBudget: -1 }, { enabled: true }],
    [
      { thinking_budget: 700, include_thoughts: false },
      { budgetTokens: 700, includeText: false },
    ],
  ])('is read from %j', (thinkingConfig, expected) => {
    const body = { contents: [{ parts: [{ text: 'a' }] }], generationConfig: { thinkingConfig } };
    expect(request.decode(body, { model: 'm' }).reasoning).toEqual(expected);
  });

  it('keeps the budget a Gemini caller wrote, also for a model that has levels', () => {
    const body = {
      contents: [{ role: 'user', parts: [{ text: 'a' }] }],
      generationConfig: { thinkingConfig: { thinkingBudget: 6400 } },
    };
    const decoded = request.decode(body, { model: 'gemini-3-pro-preview' });
    expect(request.encode(decoded, { model: 'gemini-3-pro-preview' }).body).toEqual(body);
  });
});
