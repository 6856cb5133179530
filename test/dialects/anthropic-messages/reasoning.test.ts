import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, ReasoningOptions, Tool } from '../../../src/dialects/canonical.ts';
import { assistantCalls, encode, hello, result } from './encode.ts';

const tools: readonly Tool[] = [{ type: 'function', name: 'weather' }];

function planOf(reasoning: ReasoningOptions, model: string, more: Partial<ChatRequest> = {}) {
  const { body, dropped } = encode({ reasoning, maxOutputTokens: 1000, ...more }, model);
  return { thinking: body.thinking, config: body.output_config, max: body.max_tokens, dropped };
}

describe('effort as a budget', () => {
  const table: readonly (readonly [string, number])[] = [
    ['minimal', 1024],
    ['low', 2048],
    ['medium', 8192],
    ['high', 16_384],
    ['xhigh', 32_768],
    ['a-new-word', 8192],
  ];
  for (const [effort, budget] of table) {
    it(`is ${budget} tokens for ${effort}, on top of max_tokens`, () => {
      expect(planOf({ effort }, 'claude-sonnet-4-5')).toEqual({
        thinking: { type: 'enabled', budget_tokens: budget },
        config: undefined,
        max: 1000 + budget,
        dropped: [],
      });
    });
  }

  it('never passes the largest answer of the model', () => {
    const plan = planOf({ effort: 'high' }, 'claude-opus-4-1', { maxOutputTokens: 30_000 });
    expect(plan).toMatchObject({ max: 32_000, thinking: { budget_tokens: 16_384 } });
    const tight = planOf({ effort: 'max' }, 'claude-opus-4-1', { maxOutputTokens: 31_000 });
    expect(tight).toMatchObject({ max: 32_000, thinking: { budget_tokens: 31_999 } });
  });

  it('leaves a budget the caller named inside max_tokens, and makes room where it does not fit', () => {
    expect(planOf({ budgetTokens: 2000 }, 'claude-haiku-4-5', { maxOutputTokens: 4000 })).toMatchObject({
      max: 4000,
      thinking: { budget_tokens: 2000 },
    });
    expect(planOf({ budgetTokens: 2000 }, 'claude-haiku-4-5')).toMatchObject({
      max: 3000,
      thinking: { budget_tokens: 2000 },
    });
    expect(planOf({ budgetTokens: 2000 }, 'claude-haiku-4-5', { maxOutputTokens: 2000 })).toMatchObject({
      max: 4000,
      thinking: { budget_tokens: 2000 },
    });
    expect(planOf({ budgetTokens: 10 }, 'claude-haiku-4-5')).toMatchObject({ thinking: { budget_tokens: 1024 } });
    expect(planOf({ budgetTokens: -1 }, 'claude-haiku-4-5')).toMatchObject({ thinking: { budget_tokens: 8192 } });
  });
});

describe('effort as a level', () => {
  it('goes beside adaptive thinking', () => {
    expect(planOf({ effort: 'high' }, 'claude-opus-4-7')).toEqual({
      thinking: { type: 'adaptive' },
      config: { effort: 'high' },
      max: 1000,
      dropped: [],
    });
  });

  it('is the next lower one where the model has not the one that was asked for', () => {
    expect(planOf({ effort: 'xhigh' }, 'claude-opus-4-6')).toMatchObject({
      config: { effort: 'high' },
      dropped: ['reasoning_effort'],
    });
    expect(planOf({ effort: 'minimal' }, 'claude-opus-5')).toMatchObject({ config: { effort: 'low' }, dropped: [] });
    expect(planOf({ effort: 'a-new-word' }, 'claude-opus-5')).toMatchObject({
      thinking: { type: 'adaptive' },
      config: undefined,
      dropped: ['reasoning_effort'],
    });
  });

  it('stands for a budget on models that take none, which is reported', () => {
    const levelOf = (budgetTokens: number) => planOf({ budgetTokens }, 'claude-opus-4-8');
    expect(levelOf(1024)).toMatchObject({ config: { effort: 'low' }, dropped: ['reasoning_effort'] });
    expect(levelOf(8000)).toMatchObject({ config: { effort: 'medium' } });
    expect(levelOf(20_000)).toMatchObject({ config: { effort: 'high' } });
    expect(levelOf(60_000)).toMatchObject({ config: { effort: 'xhigh' } });
  });

  it('gives way to a budget the caller named, where the model takes both', () => {
    const plan = planOf({ budgetTokens: 2000 }, 'claude-sonnet-4-6', { maxOutputTokens: 4000 });
    expect(plan).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 2000 }, dropped: [] });
  });
});

describe('thinking', () => {
  it('is not mentioned when the caller did not', () => {
    for (const model of ['claude-3-haiku-20240307', 'claude-sonnet-4-5', 'claude-opus-5-5']) {
      expect(encode({}, model).body).not.toHaveProperty('thinking');
    }
  });

  it('is turned off on request; where it is always on, the lowest effort is sent and this reported', () => {
    for (const reasoning of [{ enabled: false }, { effort: 'none' }, { budgetTokens: 0 }]) {
      expect(planOf(reasoning, 'claude-opus-5')).toMatchObject({ thinking: { type: 'disabled' }, dropped: [] });
      expect(planOf(reasoning, 'claude-3-haiku-20240307')).toMatchObject({ thinking: undefined, dropped: [] });
      expect(planOf(reasoning, 'claude-opus-5-5')).toEqual({
        thinking: undefined,
        config: { effort: 'low' },
        max: 1000,
        dropped: ['reasoning_effort'],
      });
    }
  });

  it('is reported where the model cannot think', () => {
    expect(planOf({ effort: 'high' }, 'claude-3-5-sonnet-20241022')).toEqual({
      thinking: undefined,
      config: undefined,
      max: 1000,
      dropped: ['reasoning_effort'],
    });
  });

  it('shows or hides its text as the caller wishes', () => {
    expect(planOf({ effort: 'low', includeText: true }, 'claude-opus-5')).toMatchObject({
      thinking: { display: 'summarized' },
    });
    expect(planOf({ effort: 'low', includeText: false }, 'claude-haiku-4-5')).toMatchObject({
      thinking: { display: 'omitted' },
    });
  });

  it('with a budget gives way to a forced tool, which it cannot stand beside', () => {
    const forced = { tools, toolChoice: { type: 'required' } } as const;
    expect(planOf({ effort: 'high' }, 'claude-sonnet-4-5', forced)).toEqual({
      thinking: undefined,
      config: undefined,
      max: 1000,
      dropped: ['reasoning_effort'],
    });
    expect(planOf({ effort: 'high' }, 'claude-opus-4-6', forced)).toMatchObject({ thinking: { type: 'adaptive' } });
  });

  it('with a budget is left out when the tool calls in progress came without their thinking', () => {
    const messages = [hello, assistantCalls('a'), result('a', 'x')];
    const plan = planOf({ effort: 'high' }, 'claude-sonnet-4-5', { messages });
    expect(plan).toMatchObject({ thinking: undefined, max: 1000, dropped: ['reasoning_effort'] });
    expect(planOf({ effort: 'high' }, 'claude-opus-4-7', { messages })).toMatchObject({ dropped: [] });
  });

  it('with a budget stays on when those calls are over, or carry their thinking', () => {
    const signature = { dialect: 'anthropic-messages', value: 'c2ln' } as const;
    const over = [hello, assistantCalls('a'), result('a', 'x'), { ...hello, role: 'assistant' }, hello] as const;
    const parts = [{ type: 'reasoning', text: 'Look.', signature }, ...assistantCalls('a').parts] as const;
    const carried = [hello, { role: 'assistant', parts }, result('a', 'x')] as const;
    for (const messages of [over, carried]) {
      expect(planOf({ effort: 'low' }, 'claude-sonnet-4-5', { messages })).toMatchObject({
        thinking: { type: 'enabled' },
        dropped: [],
      });
    }
  });
});
