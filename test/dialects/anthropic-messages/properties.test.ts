import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { ChatEvent, ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { decodeStream } from '../../support/corpus.ts';
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

/** Steps of a stream as any dialect may give them: parts one after another, calls that overlap. */
const steps = fc.array(
  fc.oneof(
    words.map((text): ChatEvent => ({ type: 'text-delta', choice: 0, text })),
    words.map((text): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text })),
    fc.constant<ChatEvent>({ type: 'part-end', choice: 0 }),
    fc.tuple(fc.nat({ max: 2 }), words).map(([index, text]): ChatEvent => {
      return { type: 'tool-call-delta', choice: 0, index, arguments: text };
    }),
    fc.nat({ max: 2 }).map((index): ChatEvent => ({ type: 'tool-call-end', choice: 0, index })),
  ),
  { maxLength: 25 },
);

/** The steps with each call started before its first delta, ended once, and nothing after that. */
function wellFormed(given: readonly ChatEvent[]): ChatEvent[] {
  const started = new Set<number>();
  const ended = new Set<number>();
  const events: ChatEvent[] = [{ type: 'start', id: 'msg_1', model: 'm' }];
  for (const event of given) {
    if (event.type === 'tool-call-delta' || event.type === 'tool-call-end') {
      // Calls are numbered in the order they start.
      if (!started.has(event.index) && event.index !== started.size) continue;
      if (ended.has(event.index)) continue;
      if (!started.has(event.index)) {
        started.add(event.index);
        events.push({ type: 'tool-call-start', choice: 0, index: event.index, id: `call_${event.index}`, name: 'f' });
      }
      if (event.type === 'tool-call-end') ended.add(event.index);
    }
    events.push(event);
  }
  return [...events, { type: 'finish', choice: 0, reason: 'stop' }, { type: 'done' }];
}

describe('any stream', () => {
  it('says the same to an Anthropic caller, with the same calls in the same order', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const events = deepFreeze(wellFormed(given));
        const encoder = anthropicMessages().stream.encoder({
          model: 'm',
          fallbackId: 'f',
          created: 1,
          includeUsage: true,
        });
        const text = events.map((event) => encoder.encode(event)).join('');
        const again = collectEvents(decodeStream(anthropicMessages().stream.decoder(), [Buffer.from(text)]));
        expect(contentOf(again.choices[0]?.parts ?? [])).toEqual(
          contentOf(collectEvents(events).choices[0]?.parts ?? []),
        );
      }),
      { numRuns: 1000, seed: 11 },
    );
  });
});

function contentOf(parts: readonly Part[]) {
  const joined = (type: Part['type']) =>
    parts.map((part) => (part.type === type && 'text' in part ? part.text : '')).join('');
  return {
    text: joined('text'),
    reasoning: joined('reasoning'),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [[part.id, part.arguments]] : [])),
  };
}

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    const dialect = anthropicMessages();
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (inner, outer) => {
        for (const body of [
          inner,
          { content: inner },
          { content: [inner, { type: 'text', text: 'x', extra: outer }] },
        ]) {
          try {
            dialect.response.decode(JSON.parse(JSON.stringify(body)));
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'upstream_invalid_response' });
          }
        }
        const events: ChatEvent[] = [];
        const decoder = dialect.stream.decoder();
        for (const type of ['message_start', 'content_block_start', 'content_block_delta', 'message_delta', 'error']) {
          decoder.push(
            { event: type, data: JSON.stringify({ ...asObject(inner), type, index: 0, delta: outer }) },
            events,
          );
        }
        expect(asArray(events).length).toBeLessThan(20);
      }),
      { numRuns: 500, seed: 13 },
    );
  });
});
