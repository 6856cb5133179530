import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asObject } from '../../../src/core/json.ts';
import type { ChatEvent, ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { cohereChat } from '../../../src/dialects/cohere-chat/index.ts';
import { collectEvents } from '../../../src/dialects/collect.ts';
import { cohereStreamProblems } from '../../support/cohere-stream-grammar.ts';
import { decodeStream } from '../../support/corpus.ts';
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

/** Steps of a stream as any dialect may give them: parts one after another, calls that overlap. */
const steps = fc.array(
  fc.oneof(
    words.map((value): ChatEvent => ({ type: 'text-delta', choice: 0, text: value })),
    words.map((value): ChatEvent => ({ type: 'reasoning-delta', choice: 0, text: value })),
    fc.constant<ChatEvent>({ type: 'part-end', choice: 0 }),
    fc.tuple(fc.nat({ max: 2 }), words).map(([index, value]): ChatEvent => {
      return { type: 'tool-call-delta', choice: 0, index, arguments: value };
    }),
    fc.nat({ max: 2 }).map((index): ChatEvent => ({ type: 'tool-call-end', choice: 0, index })),
  ),
  { maxLength: 25 },
);

/** The steps with each call started before its first delta, ended once, and nothing after that. */
function wellFormed(given: readonly ChatEvent[]): ChatEvent[] {
  const started = new Set<number>();
  const ended = new Set<number>();
  const events: ChatEvent[] = [{ type: 'start', id: 'answer-1', model: 'm' }];
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
  it('says the same to a Cohere caller, in proper events, with the same calls in the same order', () => {
    fc.assert(
      fc.property(steps, (given) => {
        const events = deepFreeze(wellFormed(given));
        const encoder = dialect.stream.encoder({ model: 'm', fallbackId: 'f', created: 1, includeUsage: true });
        const stream = events.map((event) => encoder.encode(event)).join('');
        expect(cohereStreamProblems(stream)).toEqual([]);
        const again = collectEvents(decodeStream(dialect.stream.decoder(), [Buffer.from(stream)]));
        expect(contentOf(again.choices[0]?.parts ?? [])).toEqual(
          contentOf(collectEvents(events).choices[0]?.parts ?? []),
        );
      }),
      { numRuns: 700, seed: 11 },
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
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (inner, outer) => {
        const strange = [
          inner,
          { message: inner },
          { message: { content: [inner], tool_calls: [outer] }, usage: outer },
        ];
        for (const body of strange) {
          try {
            dialect.response.decode(JSON.parse(JSON.stringify(body)));
          } catch (thrown) {
            expect(thrown).toMatchObject({ code: 'upstream_invalid_response' });
          }
        }
        const events: ChatEvent[] = [];
        const decoder = dialect.stream.decoder();
        for (const type of ['message-start', 'content-start', 'content-delta', 'tool-call-start', 'message-end']) {
          const data = { ...asObject(inner), type, index: 0, delta: { message: outer } };
          decoder.push({ event: type, data: JSON.stringify(data) }, events);
        }
        expect(events.length).toBeLessThan(20);
      }),
      { numRuns: 400, seed: 13 },
    );
  });
});
