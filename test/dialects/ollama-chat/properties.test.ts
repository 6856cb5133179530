import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatEvent, ChatRequest, Message, Part, ToolCallPart } from '../../../src/dialects/canonical.ts';
import { ollamaChat } from '../../../src/dialects/ollama-chat/index.ts';
import { lineProblems } from '../../support/ollama-stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, contentOf, expectSameContent, startOfCall, wholeStream } from '../contract/any-stream.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';
import { onePixel } from './samples.ts';

const ollama = ollamaChat();
const words = fc.oneof(fc.constantFrom('Hi', '\u00e9\u4e2d\ud83d\ude00', ' ', '\n'), fc.string({ minLength: 1 }));
const names = fc.constantFrom('f', 'g', 'get_weather');
const jsonArguments = fc
  .dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)), {
    noNullPrototype: true,
  })
  .map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))));

const text = words.map((value): Part => ({ type: 'text', text: value }));
const image = fc.constant<Part>({
  type: 'image',
  source: { kind: 'base64', mediaType: 'image/png', data: onePixel },
});
const optional = (part: fc.Arbitrary<Part>): fc.Arbitrary<readonly Part[]> => fc.array(part, { maxLength: 1 });

/** A turn with calls, and a result for each of them. */
const toolTurn: fc.Arbitrary<readonly Message[]> = fc
  .tuple(
    optional(text),
    fc.array(fc.tuple(names, jsonArguments), { minLength: 1, maxLength: 3 }),
    fc.array(words, { minLength: 3, maxLength: 3 }),
    fc.nat(),
  )
  .map(([said, called, results, seed]) => {
    const calls = called.map(([name, given], index): ToolCallPart => {
      return { type: 'tool-call', id: `call_${seed}_${index}`, name, arguments: given };
    });
    const answers = calls.map(({ id, name }, index): Message => {
      const content = [{ type: 'text' as const, text: results[index] ?? '' }];
      return { role: 'tool', parts: [{ type: 'tool-result', toolCallId: id, toolName: name, content }] };
    });
    return [{ role: 'assistant', parts: [...said, ...calls] }, ...answers];
  });

const plainTurn: fc.Arbitrary<readonly Message[]> = fc
  .oneof(
    fc.tuple(fc.constantFrom('system', 'user'), optional(text), fc.array(image, { maxLength: 2 })),
    fc.tuple(
      fc.constant('assistant'),
      optional(words.map((value) => ({ type: 'reasoning', text: value }))),
      optional(text),
    ),
  )
  .map(([role, first, second]) => [{ role: role as Message['role'], parts: [...first, ...second] }]);

/** Requests with all the dialect can say, and nothing else. */
const expressible: fc.Arbitrary<ChatRequest> = fc
  .record(
    {
      model: fc.constant('llama3.2'),
      messages: fc.array(fc.oneof(plainTurn, toolTurn), { maxLength: 6 }).map((turns) => turns.flat()),
      stream: fc.boolean(),
      maxOutputTokens: fc.integer({ min: 1 }),
      temperature: fc.integer({ min: 0, max: 2 }),
      topP: fc.constantFrom(0.1, 0.9),
      topK: fc.nat(),
      presencePenalty: fc.integer({ min: -2, max: 2 }),
      frequencyPenalty: fc.integer({ min: -2, max: 2 }),
      seed: fc.integer(),
      stop: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
      logprobs: fc.boolean(),
      topLogprobs: fc.nat({ max: 20 }),
      responseFormat: fc.constantFrom(
        { type: 'json' } as const,
        { type: 'json-schema', schema: { type: 'object', properties: { a: { type: 'string' } } } } as const,
      ),
      reasoning: fc.constantFrom({ enabled: true }, { enabled: false }, { effort: 'low' }, { effort: 'max' }),
      tools: fc.array(
        names.map((name) => ({ type: 'function', name, parameters: { type: 'object' } }) as const),
        { minLength: 1, maxLength: 2 },
      ),
    },
    { requiredKeys: ['model', 'messages', 'stream'] },
  )
  .map((request) => ({ ...request, includeUsage: request.stream }));

describe('any request the dialect can express', () => {
  it('comes back as it was, and nothing is dropped', () => {
    fc.assert(
      fc.property(expressible, (request) => {
        const { body, dropped } = ollama.request.encode(deepFreeze(request), { model: 'llama3.2' });
        expect(dropped).toEqual([]);
        expect(ollama.request.decode(JSON.parse(JSON.stringify(body)), {})).toEqual(request);
      }),
      { numRuns: 1000, seed: 5 },
    );
  });
});

describe('any loss', () => {
  const losses: Readonly<Record<string, Partial<ChatRequest>>> = {
    n: { choiceCount: 2 },
    user: { user: 'somebody' },
    tool_choice: { toolChoice: { type: 'required' }, tools: [{ type: 'function', name: 'f' }] },
    parallel_tool_calls: { parallelToolCalls: false, tools: [{ type: 'function', name: 'f' }] },
    'tools.function.strict': { tools: [{ type: 'function', name: 'f', strict: true }] },
    tools: { tools: [{ type: 'provider', dialect: 'openai-chat', data: { type: 'web_search' } }] },
    reasoning_effort: { reasoning: { budgetTokens: 1000 } },
    logit_bias: { extensions: { 'openai-chat': { logit_bias: {} } } },
    'messages.name': { messages: [{ role: 'user', name: 'Alex', parts: [] }] },
    detail: {
      messages: [
        {
          role: 'user',
          parts: [{ type: 'image', detail: 'low', source: { kind: 'base64', mediaType: 'a', data: 'b' } }],
        },
      ],
    },
    'messages.is_error': {
      messages: [{ role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'a', isError: true, content: [] }] }],
    },
    'tool_calls.function.arguments': {
      messages: [{ role: 'assistant', parts: [{ type: 'tool-call', id: 'a', name: 'f', arguments: '{"a":' }] }],
    },
  };

  it.each(Object.entries(losses))('is reported: %s', (name, change) => {
    const request: ChatRequest = { model: 'm', messages: [], stream: false, includeUsage: false, ...change };
    expect(ollama.request.encode(deepFreeze(request), { model: 'm' }).dropped).toEqual([name]);
  });
});

// ---- Streams ----

/** The steps with each call started before its one delta, ended at most once, and nothing after that. */
function withWholeCalls(given: readonly ChatEvent[]): ChatEvent[] {
  const told = new Set<number>();
  const ended = new Set<number>();
  const events: ChatEvent[] = [];
  for (const event of given) {
    if (event.type === 'tool-call-delta') {
      // Calls are numbered in the order they start.
      if (event.index !== told.size) continue;
      told.add(event.index);
      events.push(startOfCall(event.index));
    }
    if (event.type === 'tool-call-end') {
      if (!told.has(event.index) || ended.has(event.index)) continue;
      ended.add(event.index);
    }
    events.push(event);
  }
  return events;
}

describe('any stream', () => {
  it('is proper lines that say the same', () => {
    const secondChoice = fc.string().map((value): ChatEvent => ({ type: 'text-delta', choice: 1, text: value }));
    const steps = anySteps({ words: fc.string(), callArguments: jsonArguments, more: [secondChoice] });
    expectSameContent({
      dialect: ollama,
      events: steps.map((given) => wholeStream(withWholeCalls(given))),
      problems: (stream) => lineProblems(stream.toString()),
      // Calls come whole, in the order they end.
      content(parts) {
        const { calls, ...texts } = contentOf(parts);
        return { ...texts, calls: calls.map((call) => call.join(' ')).toSorted() };
      },
    });
  });
});

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    const bodies = (inner: unknown, outer: unknown) => [
      inner,
      { message: inner },
      { message: { content: inner, tool_calls: [inner] }, done: outer },
    ];
    expectReadOrRefused({
      dialect: ollama,
      bodies,
      streams: (inner, outer) => bodies(inner, outer).map((body) => [{ event: undefined, data: JSON.stringify(body) }]),
      eventsUnder: 12,
    });
  });
});
