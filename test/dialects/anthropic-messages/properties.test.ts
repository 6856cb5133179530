import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asObject, type JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { streamGrammars } from '../../support/stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, expectSameContent, wellFormed, wholeStream } from '../contract/any-stream.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { expectOutgoing } from './outgoing.ts';

const words = fc.oneof(fc.constantFrom('', ' ', '\n', 'Hi', '\u00e9\u4e2d\ud83d\ude00'), fc.string());
const ids = fc.oneof(fc.constantFrom('a', 'b', 'functions.f:0', ''), fc.string());

const part: fc.Arbitrary<Part> = fc.oneof(
  words.map((text): Part => ({ type: 'text', text })),
  words.map((text): Part => ({ type: 'refusal', text })),
  fc.tuple(words, words).map(([text, value]): Part => {
    return { type: 'reasoning', text, signature: { dialect: 'anthropic-messages', value } };
  }),
  words.map((text): Part => ({ type: 'reasoning', text, signature: { dialect: 'gemini', value: text } })),
  words.map((data): Part => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data } })),
  fc.tuple(ids, words).map(([id, json]): Part => ({ type: 'tool-call', id, name: 'f', arguments: json })),
);

const resultPart: fc.Arbitrary<Part> = fc.tuple(ids, fc.array(words, { maxLength: 3 })).map(([toolCallId, texts]) => {
  return { type: 'tool-result', toolCallId, content: texts.map((text) => ({ type: 'text', text })) };
});

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({
    role: fc.constantFrom('system', 'developer', 'user', 'assistant'),
    parts: fc.array(part, { maxLength: 4 }),
  }),
  fc.record({ role: fc.constant('tool'), parts: fc.array(resultPart, { minLength: 1, maxLength: 3 }) }),
);

const number = fc.double({ min: -3, max: 3, noNaN: true });
const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    model: fc.constant('alias'),
    messages: fc.array(message, { maxLength: 8 }),
    stream: fc.boolean(),
    includeUsage: fc.boolean(),
    tools: fc.array(
      fc.constantFrom('f', 'g').map((name) => ({ type: 'function', name }) as const),
      { maxLength: 2 },
    ),
    toolChoice: fc.constantFrom(
      { type: 'required' } as const,
      { type: 'tool', name: 'f' } as const,
      {
        type: 'allowed',
        names: ['g'],
      } as const,
    ),
    parallelToolCalls: fc.boolean(),
    maxOutputTokens: fc.integer({ min: 1, max: 300_000 }),
    temperature: number,
    topP: number,
    topK: fc.nat(),
    seed: fc.nat(),
    stop: fc.array(words, { maxLength: 3 }),
    choiceCount: fc.integer({ min: 1, max: 4 }),
    reasoning: fc.record(
      { enabled: fc.boolean(), effort: fc.constantFrom('none', 'low', 'max'), budgetTokens: fc.nat({ max: 50_000 }) },
      { requiredKeys: [] },
    ),
    responseFormat: fc.constantFrom(
      { type: 'json' } as const,
      {
        type: 'json-schema',
        schema: { type: 'object', properties: {} },
      } as const,
    ),
    user: fc.string(),
  },
  { requiredKeys: ['model', 'messages', 'stream', 'includeUsage'] },
);

const models = ['claude-3-haiku-20240307', 'claude-sonnet-4-5', 'claude-opus-4-6', 'claude-opus-5-5', 'deepseek-chat'];

describe('any request', () => {
  it('goes out in the form the API takes, or is refused for having nothing to say', () => {
    const { encode } = anthropicMessages().request;
    fc.assert(
      fc.property(request, fc.constantFrom(...models), (given, model) => {
        let body: JsonObject;
        try {
          body = encode(deepFreeze(given), { model }).body;
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'invalid_request', param: 'messages' });
          return;
        }
        expectOutgoing(body);
      }),
      { numRuns: 1500, seed: 7 },
    );
  });
});

// ---- Streams ----

describe('any stream', () => {
  it('says the same to an Anthropic caller, with the same calls in the same order', () => {
    const events = anySteps({ words }).map((steps) => wholeStream(wellFormed(steps)));
    expectSameContent({ dialect: anthropicMessages(), events, problems: streamGrammars['anthropic-messages'] });
  });
});

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    const types = ['message_start', 'content_block_start', 'content_block_delta', 'message_delta', 'error'];
    expectReadOrRefused({
      dialect: anthropicMessages(),
      bodies: (inner, outer) => [
        inner,
        { content: inner },
        { content: [inner, { type: 'text', text: 'x', extra: outer }] },
      ],
      streams: (inner, outer) => [
        types.map((type) => {
          return { event: type, data: JSON.stringify({ ...asObject(inner), type, index: 0, delta: outer }) };
        }),
      ],
      eventsUnder: 20,
    });
  });
});
