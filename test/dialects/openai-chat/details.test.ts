import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../../src/core/json.ts';
import { decodeFinishReason } from '../../../src/dialects/openai-chat/finish-reason.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { nineAlphanumericIds } from '../../../src/dialects/openai-chat/tool-call-ids.ts';

describe('ids of nine letters and digits', () => {
  it('are the same for the same id and different for different ones', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 50 }), (ids) => {
        const shorten = nineAlphanumericIds();
        const short = ids.map(shorten);
        expect(new Set(short).size).toBe(ids.length);
        expect(ids.map(shorten)).toEqual(short);
        for (const id of short) expect(id).toMatch(/^[A-Za-z0-9]{9}$/);
      }),
      { seed: 7 },
    );
  });

  it('do not depend on what else is in the conversation', () => {
    const [one, other] = [nineAlphanumericIds(), nineAlphanumericIds()];
    other('something_else');
    expect(one('call_abc')).toBe(other('call_abc'));
  });
});

describe('finish reasons', () => {
  it.each([
    ['stop', false, 'stop'],
    ['stop', true, 'tool_calls'],
    ['tool_calls', true, 'tool_calls'],
    ['tool_calls', false, 'stop'],
    ['tool_call', true, 'tool_calls'],
    ['length', true, 'length'],
    ['model_length', false, 'length'],
    ['content_filter', true, 'content_filter'],
    ['eos', false, 'stop'],
    ['', true, 'tool_calls'],
    ['', false, 'stop'],
    ['never heard of', false, 'stop'],
    ['constructor', false, 'stop'],
  ])('%j with a call: %s, is %s', (raw, hasCall, expected) => {
    expect(decodeFinishReason(raw, hasCall)).toBe(expected);
  });
});

describe('usage', () => {
  const decode = (usage: JsonObject) => openaiChat().usage.decode(usage);
  const xai = openaiChat({ reasoningTokens: 'beside-completion' });

  it.each<[string, JsonObject, JsonObject | undefined]>([
    ['OpenAI', { prompt_tokens_details: { cached_tokens: 4 } }, { cacheReadTokens: 4 }],
    ['DeepSeek', { prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6 }, { cacheReadTokens: 4 }],
    ['Together', { cached_tokens: 4 }, { cacheReadTokens: 4 }],
    ['Mistral', { num_cached_tokens: 4 }, { cacheReadTokens: 4 }],
    [
      'gateways to Anthropic',
      { cache_creation_input_tokens: 3, cache_read_input_tokens: 4 },
      { cacheReadTokens: 4, cacheWriteTokens: 3 },
    ],
    ['reasoning', { completion_tokens_details: { reasoning_tokens: 2 } }, { reasoningTokens: 2 }],
    ['nonsense', { prompt_tokens_details: { cached_tokens: -1 }, completion_tokens_details: null }, {}],
  ])('is read from %s', (_who, fields, expected) => {
    const counts = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    expect(decode({ ...counts, ...fields })).toEqual({ inputTokens: 10, outputTokens: 5, ...expected });
  });

  it('without counts is none', () => {
    expect(decode({})).toBeUndefined();
    expect(decode({ prompt_tokens: null, completion_tokens: -5, total_tokens: 1.5 })).toBeUndefined();
    expect(decode({ prompt_tokens: 7, completion_tokens: null })).toEqual({ inputTokens: 7, outputTokens: 0 });
  });

  it('holds reasoning that xAI counts apart, as long as it does', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 20 } };
    expect(xai.usage.decode({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, ...details })).toMatchObject({
      outputTokens: 25,
      reasoningTokens: 20,
    });
    expect(xai.usage.decode({ prompt_tokens: 10, completion_tokens: 25, total_tokens: 35, ...details })).toMatchObject({
      outputTokens: 25,
    });
    // Without a total nothing says that the two are apart.
    expect(xai.usage.decode({ prompt_tokens: 10, completion_tokens: 25, ...details })).toMatchObject({
      outputTokens: 25,
    });
  });

  it('is written with a total, and with the cache writes where there were any', () => {
    const usage = { inputTokens: 10, outputTokens: 5, cacheReadTokens: 0, cacheWriteTokens: 3, reasoningTokens: 1 };
    expect(openaiChat().usage.encode(usage)).toEqual({
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 3 },
      completion_tokens_details: { reasoning_tokens: 1 },
    });
  });
});

describe('error answers', () => {
  const decode = (body: string) => openaiChat().error.decode(500, () => undefined, Buffer.from(body));

  it('may be wrapped in an array, and nested without end', () => {
    expect(decode('[{"error":{"message":"Gone"}}]').message).toBe('Gone');
    expect(decode('['.repeat(200_000) + ']'.repeat(200_000))).toEqual({
      kind: 'server_error',
      message: '',
      status: 500,
    });
    expect(decode(`${'{"error":'.repeat(50_000)}1${'}'.repeat(50_000)}`)).toMatchObject({ kind: 'server_error' });
  });
});

describe('whole answers', () => {
  const decode = (choice: JsonObject, top: JsonObject = {}) =>
    openaiChat().response.decode({ id: 'c', model: 'm', choices: [{ index: 0, ...choice }], ...top });

  it('that failed behind OpenRouter are faults', () => {
    const message = { role: 'assistant', content: 'half' };
    expect(decode({ message, error: { code: 502, message: 'Gone' }, finish_reason: 'error' })).toMatchObject({
      fault: { kind: 'server_error', message: 'Gone', status: 502 },
    });
    expect(decode({ message, finish_reason: 'error' })).toMatchObject({ fault: { kind: 'server_error' } });
    expect(decode({ message, finish_reason: 'stop' }, { error: { message: 'Gone' } })).toMatchObject({
      fault: { message: 'Gone' },
    });
  });

  it('without choices or messages are none', () => {
    const invalid = expect.objectContaining({ code: 'upstream_invalid_response' });
    expect(() => openaiChat().response.decode({ id: 'c', choices: [] })).toThrow(invalid);
    expect(() => decode({ text: 'old' })).toThrow(invalid);
    expect(() => decode({ message: null })).toThrow(invalid);
  });

  it('may hold nothing', () => {
    expect(decode({ message: { role: 'assistant', content: null }, finish_reason: 'stop' })).toMatchObject({
      answer: { choices: [{ parts: [], finishReason: 'stop' }] },
    });
  });
});
