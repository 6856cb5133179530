import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatAnswer, ChatEvent, Choice, Opaque, Part } from '../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../src/dialects/collect.ts';

const signature: Opaque = { dialect: 'anthropic-messages', value: 'c2ln' };

const answer: ChatAnswer = {
  id: 'answer-1',
  model: 'a-model',
  created: 1_750_000_000,
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'Let me look.', signature },
        { type: 'reasoning', text: '', redacted: { dialect: 'anthropic-messages', value: 'ZW5j' } },
        { type: 'text', text: 'I look it up.' },
        { type: 'text', text: '' },
        { type: 'tool-call', id: 'call_1', name: 'search', arguments: '{"q":"a"}', signature },
        { type: 'extension', dialect: 'anthropic-messages', data: { type: 'server_tool_use' } },
        { type: 'tool-call', id: 'call_2', name: 'now', arguments: '{}' },
      ],
      finishReason: 'tool_calls',
      rawFinishReason: 'tool_use',
      logprobs: { content: [{ token: 'I' }], refusal: [] },
      extensions: { 'openai-chat': { native_finish_reason: 'x' } },
    },
    { index: 1, parts: [{ type: 'refusal', text: 'No.' }], finishReason: 'stop', stopSequence: 'END' },
  ],
  usage: { inputTokens: 1, outputTokens: 2 },
  extensions: { 'openai-chat': { system_fingerprint: 'fp' }, gemini: { modelVersion: '1' } },
};

describe('answerToEvents and collectEvents', () => {
  it('are inverse for an answer that has everything', () => {
    expect(collectEvents(answerToEvents(answer))).toEqual(answer);
  });

  it('are inverse for any answer, however its deltas are cut', () => {
    fc.assert(
      fc.property(arbitraryAnswer, fc.infiniteStream(fc.nat(5)), (some, sizes) => {
        const events = answerToEvents(some).flatMap((event) => cutDelta(event, sizes.next().value));
        expect(collectEvents(events)).toEqual(some);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('collectEvents', () => {
  it('keeps overlapping tool calls apart and in the order they began', () => {
    const collected = collectEvents([
      { type: 'start', id: 'a', model: 'm' },
      { type: 'tool-call-start', choice: 0, index: 0, id: 'one', name: 'f' },
      { type: 'tool-call-start', choice: 0, index: 1, id: 'two', name: 'g' },
      { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"b":' },
      { type: 'tool-call-delta', choice: 0, index: 0, arguments: '{"a":1}' },
      { type: 'tool-call-delta', choice: 0, index: 1, arguments: '2}' },
      { type: 'finish', choice: 0, reason: 'tool_calls' },
      { type: 'done' },
    ]);
    expect(collected.choices[0]?.parts).toEqual([
      { type: 'tool-call', id: 'one', name: 'f', arguments: '{"a":1}' },
      { type: 'tool-call', id: 'two', name: 'g', arguments: '{"b":2}' },
    ]);
  });

  it('reads a call without arguments as an empty object and keeps cut-off arguments as they are', () => {
    const collected = collectEvents([
      { type: 'tool-call-start', choice: 0, index: 0, id: 'one', name: 'f' },
      { type: 'tool-call-start', choice: 0, index: 1, id: 'two', name: 'g' },
      { type: 'tool-call-delta', choice: 0, index: 1, arguments: '{"city": "Par' },
      { type: 'finish', choice: 0, reason: 'length' },
      { type: 'done' },
    ]);
    expect(collected.choices[0]?.parts.map((part) => part.type === 'tool-call' && part.arguments)).toEqual([
      '{}',
      '{"city": "Par',
    ]);
  });

  it('separates parts of one kind at part-end and where another part stands between them', () => {
    const collected = collectEvents([
      { type: 'text-delta', choice: 0, text: 'a' },
      { type: 'text-delta', choice: 0, text: 'b' },
      { type: 'part-end', choice: 0 },
      { type: 'text-delta', choice: 0, text: 'c' },
      { type: 'reasoning-delta', choice: 0, text: 'd' },
      { type: 'text-delta', choice: 0, text: 'e' },
      { type: 'part-end', choice: 0, signature },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'done' },
    ]);
    expect(collected.choices[0]?.parts).toEqual([
      { type: 'text', text: 'ab' },
      { type: 'text', text: 'c' },
      { type: 'reasoning', text: 'd' },
      { type: 'text', text: 'e', signature },
    ]);
  });

  it('keeps a signature that comes with no part open', () => {
    const collected = collectEvents([
      { type: 'part-end', choice: 0, signature },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'done' },
    ]);
    expect(collected.choices[0]?.parts).toEqual([{ type: 'text', text: '', signature }]);
  });

  it('adds logprobs up and lets later extension fields replace earlier ones', () => {
    const collected = collectEvents([
      { type: 'logprobs', choice: 0, logprobs: { content: [1], refusal: null } },
      { type: 'logprobs', choice: 0, logprobs: { content: [2], refusal: [3] } },
      { type: 'extension', dialect: 'openai-chat', data: { a: 1, b: 1 } },
      { type: 'extension', dialect: 'openai-chat', data: { b: 2 } },
      { type: 'finish', choice: 0, reason: 'stop' },
      { type: 'done' },
    ]);
    expect(collected.choices[0]?.logprobs).toEqual({ content: [1, 2], refusal: [3] });
    expect(collected.extensions).toEqual({ 'openai-chat': { a: 1, b: 2 } });
  });

  it('takes a network key named __proto__ for what it is: a key', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}');
    const collected = collectEvents([{ type: 'extension', dialect: 'openai-chat', data: hostile }, { type: 'done' }]);
    expect(Object.keys(collected.extensions?.['openai-chat'] ?? {})).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });

  it('refuses a stream without its end marker', () => {
    const events: ChatEvent[] = [
      { type: 'text-delta', choice: 0, text: 'half' },
      { type: 'finish', choice: 0, reason: 'stop' },
    ];
    expect(() => collectEvents(events)).toThrow(expect.objectContaining({ code: 'upstream_truncated' }));
  });

  it('refuses a choice without a finish reason', () => {
    const events: ChatEvent[] = [{ type: 'text-delta', choice: 0, text: 'half' }, { type: 'done' }];
    expect(() => collectEvents(events)).toThrow(expect.objectContaining({ code: 'upstream_truncated' }));
  });

  it('refuses a stream that reported a failure', () => {
    const events: ChatEvent[] = [
      { type: 'text-delta', choice: 0, text: 'half' },
      { type: 'error', fault: { kind: 'server_error', message: 'overloaded', code: 'overloaded_error' } },
    ];
    expect(() => collectEvents(events)).toThrow(
      expect.objectContaining({ code: 'upstream_error', providerCode: 'overloaded_error' }),
    );
  });
});

function cutDelta(event: ChatEvent, at: number): ChatEvent[] {
  if (event.type === 'tool-call-delta') {
    const { arguments: text } = event;
    return [
      { ...event, arguments: text.slice(0, at) },
      { ...event, arguments: text.slice(at) },
    ];
  }
  if (event.type !== 'text-delta' && event.type !== 'reasoning-delta' && event.type !== 'refusal-delta') return [event];
  return [
    { ...event, text: event.text.slice(0, at) },
    { ...event, text: event.text.slice(at) },
  ];
}

const arbitraryOpaque: fc.Arbitrary<Opaque> = fc.record({
  dialect: fc.constantFrom('openai-chat', 'anthropic-messages', 'gemini'),
  value: fc.string(),
});

const optionalSignature = fc.option(arbitraryOpaque, { nil: undefined });

const arbitraryPart: fc.Arbitrary<Part> = fc.oneof(
  fc
    .tuple(fc.constantFrom('text', 'reasoning'), fc.string(), optionalSignature)
    .map(([type, text, signed]): Part => (signed === undefined ? { type, text } : { type, text, signature: signed })),
  fc.string().map((text): Part => ({ type: 'refusal', text })),
  arbitraryOpaque.map((redacted): Part => ({ type: 'reasoning', text: '', redacted })),
  fc.tuple(fc.string(), fc.string(), fc.json(), optionalSignature).map(
    ([id, name, json, signed]): Part => ({
      type: 'tool-call',
      id,
      name,
      arguments: json,
      ...(signed !== undefined && { signature: signed }),
    }),
  ),
  fc.string().map((value): Part => ({ type: 'extension', dialect: 'gemini', data: { value } })),
);

const arbitraryChoice = fc
  .tuple(fc.array(arbitraryPart), fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'))
  .map(([parts, finishReason]): Omit<Choice, 'index'> => ({ parts, finishReason }));

const arbitraryAnswer: fc.Arbitrary<ChatAnswer> = fc
  .tuple(fc.string(), fc.string(), fc.array(arbitraryChoice, { maxLength: 3 }))
  .map(([id, model, choices]) => ({ id, model, choices: choices.map((choice, index) => ({ index, ...choice })) }));
