import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ChatEvent } from '../../../src/dialects/canonical.ts';
import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { decodeWireEvents, wireEvents } from '../../support/corpus.ts';
import { event } from './samples.ts';

const { stream } = gemini();
const signature = (value: string) => ({ dialect: 'gemini', value }) as const;

function fixture(name: string): WireEvent[] {
  return wireEvents([readFileSync(new URL(`../../fixtures/gemini/${name}`, import.meta.url))]);
}

function decode(...events: readonly WireEvent[]): ChatEvent[] {
  return decodeWireEvents(stream.decoder(), events);
}

function text(value: string, rest: JsonObject = {}): WireEvent {
  return event({ candidates: [{ content: { role: 'model', parts: [{ text: value }] }, ...rest }] });
}

describe('reading a Gemini stream', () => {
  it('reads thinking, signed and unsigned calls, and a STOP of its own', () => {
    expect(decode(...fixture('function-call.sse'))).toEqual([
      { type: 'start', id: 'resp-1', model: 'gemini-3-flash-preview' },
      { type: 'reasoning-delta', choice: 0, text: '**Plan**\n\nCall the tool for Z\u00fcrich.\n' },
      { type: 'part-end', choice: 0 },
      {
        type: 'tool-call-start',
        choice: 0,
        index: 0,
        id: 'call-7',
        name: 'get_weather',
        signature: signature('EpwCCpkCAXLI2nw+/_-aGVsbG8='),
      },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"city":"Z\u00fcrich","days":2}' },
      { type: 'tool-call-end', choice: 0, index: 0 },
      { type: 'tool-call-start', choice: 0, index: 1, id: 'gemini_call_resp-1_1', name: 'now' },
      { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{}' },
      { type: 'tool-call-end', choice: 0, index: 1 },
      { type: 'finish', choice: 0, reason: 'tool_calls', rawReason: 'STOP' },
      { type: 'usage', usage: { inputTokens: 30, outputTokens: 20, reasoningTokens: 8 } },
      { type: 'done' },
    ]);
  });

  it('puts arguments together that Vertex AI streams value by value', () => {
    const events = decode(...fixture('streamed-arguments.sse'));
    const deltas = events.flatMap((step) => (step.type === 'tool-call-delta' ? [JSON.parse(step.arguments)] : []));
    expect(deltas).toEqual([{ id: 'A-1', list: [{ 'a b': true }, null] }, { n: 2 }]);
    expect(events.filter(({ type }) => type === 'tool-call-end')).toHaveLength(2);
    expect(events).toContainEqual(expect.objectContaining({ name: 'read_screen', signature: signature('c2ln') }));
  });

  it('takes no name of an argument for anything but itself', () => {
    const partialArgs = [{ jsonPath: '$.__proto__.polluted', boolValue: true }];
    const events = decode(
      event({ candidates: [{ content: { parts: [{ functionCall: { name: 'f', partialArgs } }] } }] }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'tool-call-delta', arguments: '{"__proto__":{"polluted":true}}' }),
    );
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('signs the text that is open, and opens an empty one after a call', () => {
    const signed = { text: '', thoughtSignature: 'c2ln' };
    const call = { functionCall: { name: 'f', args: {}, id: 'x' } };
    const afterText = decode(event({ candidates: [{ content: { parts: [{ text: 'Hi' }, signed] } }] }));
    const afterCall = decode(event({ candidates: [{ content: { parts: [call, signed] } }] }));
    const steps = (events: readonly ChatEvent[]) =>
      events.filter(({ type }) => type === 'text-delta' || type === 'part-end');
    expect(steps(afterText)).toEqual([
      { type: 'text-delta', choice: 0, text: 'Hi' },
      { type: 'part-end', choice: 0, signature: signature('c2ln') },
    ]);
    expect(steps(afterCall)).toEqual([
      { type: 'text-delta', choice: 0, text: '' },
      { type: 'part-end', choice: 0, signature: signature('c2ln') },
    ]);
  });

  it('believes the last of several finish reasons', () => {
    const events = decode(text('a', { finishReason: 'STOP' }), text('b', { finishReason: 'RECITATION' }));
    expect(events.filter(({ type }) => type === 'finish')).toEqual([
      { type: 'finish', choice: 0, reason: 'content_filter', rawReason: 'RECITATION' },
    ]);
  });

  it('takes the last usage that counts the whole', () => {
    const usages = [
      { promptTokenCount: 5, totalTokenCount: 5 },
      { trafficType: 'ON_DEMAND' },
      { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 },
      { trafficType: 'ON_DEMAND' },
    ];
    const chunks = usages.map((usageMetadata) => event({ candidates: [{ finishReason: 'STOP' }], usageMetadata }));
    expect(decode(...chunks)).toContainEqual({ type: 'usage', usage: { inputTokens: 5, outputTokens: 3 } });
  });

  it('tells frames that carry usage alone', () => {
    const decoder = stream.decoder();
    expect(decoder.push(text('a'), [])).toBe(false);
    expect(decoder.push(event({ usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } }), [])).toBe(true);
    expect(decoder.push({ event: undefined, data: '[DONE]' }, [])).toBe(false);
  });

  it('is done only when every candidate has finished', () => {
    const one = { content: { parts: [{ text: 'a' }] }, index: 0, finishReason: 'STOP' };
    const other = { content: { parts: [{ text: 'b' }] }, index: 1 };
    const types = (...events: readonly WireEvent[]) => decode(...events).map(({ type }) => type);
    expect(types(event({ candidates: [one, other] }))).not.toContain('done');
    expect(types(event({ candidates: [one, { ...other, finishReason: 'STOP' }] })).at(-1)).toBe('done');
  });

  it('closes a call whose arguments never ended, and is not done', () => {
    const call = {
      name: 'f',
      willContinue: true,
      partialArgs: [{ jsonPath: '$.a', stringValue: 'x', willContinue: true }],
    };
    const events = decode(event({ candidates: [{ content: { parts: [{ functionCall: call }] } }] }));
    expect(events.slice(-2)).toEqual([
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"a":"x"}' },
      { type: 'tool-call-end', choice: 0, index: 0 },
    ]);
  });

  it('reads a malformed call as an error when nothing else was said, as a stop otherwise', () => {
    const end = { finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'Malformed function call: f(' };
    expect(decode(event({ candidates: [end] })).at(-1)).toEqual({
      type: 'error',
      fault: { kind: 'invalid_response', code: 'MALFORMED_FUNCTION_CALL', message: 'Malformed function call: f(' },
    });
    expect(decode(text('Half', end)).slice(-2)).toEqual([
      { type: 'finish', choice: 0, reason: 'stop', rawReason: 'MALFORMED_FUNCTION_CALL' },
      { type: 'done' },
    ]);
  });

  it('reads an error inside an array, and nothing after it', () => {
    const decoder = stream.decoder();
    const out: ChatEvent[] = [];
    decoder.push(
      { event: undefined, data: '[{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}]' },
      out,
    );
    decoder.push(text('late', { finishReason: 'STOP' }), out);
    decoder.end(out);
    expect(out).toEqual([
      { type: 'error', fault: { kind: 'rate_limit', status: 429, code: 'RESOURCE_EXHAUSTED', message: 'Slow down' } },
    ]);
  });

  it.each(['"text"', '7', 'null', '[]', '{', 'nonsense'])('reads %s as an answer that cannot be read', (data) => {
    expect(decode(text('a'), { event: undefined, data })).toContainEqual(
      expect.objectContaining({ type: 'error', fault: expect.objectContaining({ kind: 'invalid_response' }) }),
    );
  });
});

describe('writing a Gemini stream', () => {
  const reply = { model: 'served', fallbackId: 'fallback', created: 1, includeUsage: true };
  const write = (events: readonly ChatEvent[], options = {}) => {
    const encoder = stream.encoder({ ...reply, ...options });
    return events.map((step) => encoder.encode(step));
  };
  const chunks = (events: readonly ChatEvent[], options = {}) =>
    wireEvents([Buffer.from(write(events, options).join(''))]).map(({ data }) => JSON.parse(data));

  it('writes whole chunks, calls whole, and one last chunk', () => {
    const written = chunks([
      { type: 'start', id: '', model: 'upstream' },
      { type: 'reasoning-delta', choice: 0, text: 'Hm' },
      { type: 'part-end', choice: 0, signature: signature('c2ln') },
      { type: 'text-delta', choice: 0, text: 'Hi' },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'call_1', name: 'f' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"a"' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: ':1}' },
      { type: 'tool-call-end', choice: 0, index: 0 },
      { type: 'finish', choice: 0, reason: 'tool_calls', rawReason: 'tool_use' },
      { type: 'usage', usage: { inputTokens: 4, outputTokens: 3 } },
      { type: 'done' },
    ]);
    const names = { modelVersion: 'served', responseId: 'fallback' };
    const part = (body: JsonObject) => ({
      candidates: [{ content: { parts: [body], role: 'model' }, index: 0 }],
      ...names,
    });
    expect(written).toEqual([
      part({ text: 'Hm', thought: true }),
      part({ text: '', thought: true, thoughtSignature: 'c2ln' }),
      part({ text: 'Hi' }),
      part({ functionCall: { id: 'call_1', name: 'f', args: { a: 1 } } }),
      {
        candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, index: 0, finishReason: 'STOP' }],
        usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 3, totalTokenCount: 7 },
        ...names,
      },
    ]);
  });

  it('ends frames as Google does', () => {
    const [, frame] = write([
      { type: 'start', id: 'a', model: 'm' },
      { type: 'text-delta', choice: 0, text: 'Hi' },
    ]);
    expect(frame).toMatch(/^data: \{.*\}\r\n\r\n$/);
  });

  it('writes no last chunk for a stream that broke off', () => {
    const written = chunks([
      { type: 'start', id: 'a', model: 'm' },
      { type: 'text-delta', choice: 0, text: 'Hi' },
      { type: 'finish', choice: 0, reason: 'stop' },
    ]);
    expect(JSON.stringify(written)).not.toContain('finishReason');
  });

  it('writes neither the signatures nor the hidden thinking of other providers', () => {
    const written = write([
      { type: 'start', id: 'a', model: 'm' },
      { type: 'reasoning-redacted', choice: 0, redacted: { dialect: 'anthropic-messages', value: 'hidden' } },
      { type: 'part-end', choice: 0, signature: { dialect: 'anthropic-messages', value: 'foreign' } },
      { type: 'extension', dialect: 'anthropic-messages', data: { own: 'field' } },
      { type: 'extension-part', choice: 0, part: { type: 'extension', dialect: 'openai-chat', data: { odd: 1 } } },
    ]);
    expect(written.join('')).toBe('');
  });

  it('writes a call whose arguments broke off without them', () => {
    const written = chunks([
      { type: 'start', id: 'a', model: 'm' },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'x', name: 'f' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"a": "un' },
      { type: 'tool-call-end', choice: 0, index: 0 },
    ]);
    expect(written[0].candidates[0].content.parts).toEqual([{ functionCall: { id: 'x', name: 'f', args: {} } }]);
  });

  it('keeps usage to itself when the caller did not ask', () => {
    const events: readonly ChatEvent[] = [
      { type: 'start', id: 'a', model: 'm' },
      { type: 'finish', choice: 0, reason: 'length' },
      { type: 'usage', usage: { inputTokens: 4, outputTokens: 3 } },
      { type: 'done' },
    ];
    const [last] = chunks(events, { includeUsage: false });
    expect(last.candidates[0].finishReason).toBe('MAX_TOKENS');
    expect(last.usageMetadata).toBeUndefined();
  });

  it("writes logprobs in Google's form", () => {
    const token = {
      token: 'Hi',
      logprob: -0.5,
      bytes: [72, 105],
      top_logprobs: [{ token: 'Ho', logprob: -2, bytes: [] }],
    };
    const [last] = chunks([
      { type: 'start', id: 'a', model: 'm' },
      { type: 'logprobs', choice: 0, logprobs: { content: [token], refusal: null } },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'done' },
    ]);
    expect(last.candidates[0].logprobsResult).toEqual({
      chosenCandidates: [{ token: 'Hi', logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token: 'Ho', logProbability: -2 }] }],
    });
  });
});
