import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asObject } from '../../../src/core/json.ts';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { cohereStreamProblems } from '../../support/cohere-stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, expectSameContent, wellFormed, wholeStream } from '../contract/any-stream.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

const dialect = cohereChat();
const words = fc.oneof(
  fc.constantFrom(' ', '\n', 'Hi', '[DONE]', '\u00e9\u4e2d\ud83d\ude00'),
  fc.string({ minLength: 1 }),
);
const name = fc.constantFrom('f', 'get_weather');
const json = fc.oneof(fc.constantFrom('{}', '{"city": "Paris"}', '{"cut'), words);

const text = words.map((value): Part => ({ type: 'text', text: value }));
const image = fc.constantFrom<Part>(
  { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' } },
  { type: 'image', source: { kind: 'url', url: 'https://example.com/a.png' }, detail: 'low' },
);
const reasoning = words.map((value): Part => ({ type: 'reasoning', text: value }));
const call = fc.tuple(words, name, json).map(([id, called, value]): Part => {
  return { type: 'tool-call', id, name: called, arguments: value };
});

const user = fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 });
const assistant = fc
  .tuple(fc.array(fc.oneof(text, reasoning), { minLength: 1, maxLength: 3 }), fc.array(call, { maxLength: 2 }))
  .map(([said, calls]): readonly Part[] => [...said, ...calls]);
const result = fc
  .tuple(words, fc.array(words, { minLength: 1, maxLength: 3 }))
  .map(([toolCallId, texts]): readonly Part[] => {
    return [{ type: 'tool-result', toolCallId, content: texts.map((value) => ({ type: 'text', text: value })) }];
  });

const turn: fc.Arbitrary<Message> = fc.oneof(
  user.map((parts): Message => ({ role: 'user', parts })),
  assistant.map((parts): Message => ({ role: 'assistant', parts })),
  result.map((parts): Message => ({ role: 'tool', parts })),
);
const system: fc.Arbitrary<readonly Message[]> = fc
  .array(text, { minLength: 1, maxLength: 2 })
  .map((parts) => [{ role: 'system', parts }]);
const tool = fc.record(
  {
    type: fc.constant('function' as const),
    name,
    description: words,
    parameters: fc.constant({ type: 'object', properties: { city: { type: 'string' } } }),
  },
  { requiredKeys: ['type', 'name', 'parameters'] },
);

/** Conversations the dialect has a place for, every part of them. */
const request: fc.Arbitrary<ChatRequest> = fc
  .record(
    {
      model: fc.constant('command-a-reasoning-08-2025'),
      system: fc.oneof(fc.constant<readonly Message[]>([]), system),
      turns: fc.array(turn, { minLength: 1, maxLength: 6 }),
      stream: fc.boolean(),
      includeUsage: fc.constant(true),
      tools: fc.array(tool, { minLength: 1, maxLength: 2 }),
      toolChoice: fc.constantFrom({ type: 'required' } as const, { type: 'none' } as const),
      maxOutputTokens: fc.integer({ min: 1, max: 30_000 }),
      temperature: fc.double({ min: 0, max: 1, noNaN: true }),
      topP: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      topK: fc.integer({ min: 0, max: 500 }),
      seed: fc.nat(),
      stop: fc.array(words, { minLength: 1, maxLength: 5 }),
      logprobs: fc.constant(true),
      reasoning: fc.constantFrom({ enabled: true, budgetTokens: 100 }, { enabled: false }),
    },
    { requiredKeys: ['model', 'system', 'turns', 'stream', 'includeUsage', 'tools'] },
  )
  .map(({ system: instructions, turns, ...rest }) => ({ ...rest, messages: [...instructions, ...turns] }));

describe('any conversation', () => {
  it('goes through the dialect and back without losing or changing anything', () => {
    fc.assert(
      fc.property(request, (given) => {
        const { body, dropped } = dialect.request.encode(deepFreeze(given), { model: given.model });
        expect(dropped).toEqual([]);
        expect(dialect.request.decode(deepFreeze(body), {})).toEqual(given);
      }),
      { numRuns: 700, seed: 7 },
    );
  });
});

// ---- Streams ----

describe('any stream', () => {
  it('says the same to a Cohere caller, in proper events, with the same calls in the same order', () => {
    expectSameContent({
      dialect,
      events: anySteps({ words }).map((steps) => wholeStream(wellFormed(steps))),
      problems: (stream) => cohereStreamProblems(stream.toString()),
    });
  });
});

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    const types = ['message-start', 'content-start', 'content-delta', 'tool-call-start', 'message-end'];
    expectReadOrRefused({
      dialect,
      bodies: (inner, outer) => [
        inner,
        { message: inner },
        { message: { content: [inner], tool_calls: [outer] }, usage: outer },
      ],
      streams: (inner, outer) => [
        types.map((type) => {
          const data = { ...asObject(inner), type, index: 0, delta: { message: outer } };
          return { event: type, data: JSON.stringify(data) };
        }),
      ],
      eventsUnder: 20,
    });
  });
});
