import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';
import { bedrockConverse } from '../../../src/dialects/bedrock-converse/index.ts';
import type { ChatEvent, ChatRequest, Message, Part } from '../../../src/dialects/canonical.ts';
import { bedrockConverse as vendor } from '../../../src/testing/bedrock-converse/index.ts';
import type { Refusal } from '../../../src/testing/personality.ts';
import { streamProblems } from '../../support/bedrock-stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, contentOf, expectSameContent, joinedText, wellFormed, wholeStream } from '../contract/any-stream.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

const dialect = bedrockConverse();

/** Why the API, as the fake provider plays it, would refuse a body. */
function refusalOf(body: JsonObject, model: string): Refusal | undefined {
  const query = new URLSearchParams();
  const request = { method: 'POST', path: '', query, headers: {}, json: body };
  return vendor.refuseRequest(request, { operation: 'chat', model, stream: false, query });
}

// ---- Requests ----

const words = fc.oneof(fc.constantFrom('', ' ', '\n', 'Hi', '\u00e9\u4e2d\ud83d\ude00'), fc.string());
const bytes = fc.constantFrom('AAAA', 'iVBORw0KGgo=');
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify({ value }));

const asked: fc.Arbitrary<Part> = fc.oneof(
  { weight: 4, arbitrary: words.map((text): Part => ({ type: 'text', text })) },
  bytes.map((data): Part => ({ type: 'image', source: { kind: 'base64', mediaType: 'image/jpg', data } })),
  fc.tuple(bytes, fc.option(fc.string(), { nil: undefined })).map(([data, filename]): Part => {
    const source = { kind: 'base64', mediaType: 'application/pdf', data } as const;
    return { type: 'file', source, ...(filename !== undefined && { filename }) };
  }),
  words.map((text): Part => ({ type: 'file', source: { kind: 'text', text: `Facts: ${text}` } })),
);

const thought: fc.Arbitrary<Part> = fc.oneof(
  fc.tuple(words, fc.constantFrom('bedrock-converse', 'gemini')).map(([text, origin]): Part => {
    return { type: 'reasoning', text, signature: { dialect: origin as 'gemini', value: `sig ${text}` } };
  }),
  words.map((text): Part => ({ type: 'reasoning', text })),
);

/** A turn of the assistant, with the results of all its calls behind it. */
const answered: fc.Arbitrary<readonly Message[]> = fc
  .record({
    thoughts: fc.array(thought, { maxLength: 2 }),
    text: words,
    calls: fc.uniqueArray(fc.tuple(fc.oneof(fc.constantFrom('a', 'functions.f:0', ''), fc.string()), json, words), {
      maxLength: 3,
      selector: ([id]) => id,
    }),
  })
  .map(({ thoughts, text, calls }) => {
    const called = calls.map(([id, given]): Part => ({ type: 'tool-call', id, name: 'f', arguments: given }));
    const results = calls.map(([toolCallId, , said]): Part => {
      return { type: 'tool-result', toolCallId, content: [{ type: 'text', text: said }] };
    });
    const turn: Message = { role: 'assistant', parts: [...thoughts, { type: 'text', text }, ...called] };
    return results.length === 0 ? [turn] : [turn, { role: 'tool', parts: results }];
  });

const conversation: fc.Arbitrary<readonly Message[]> = fc
  .array(
    fc.oneof(
      fc.array(asked, { maxLength: 3 }).map((parts): readonly Message[] => [{ role: 'user', parts }]),
      answered,
      fc.tuple(fc.constantFrom('system', 'developer'), words).map(([role, text]): readonly Message[] => {
        return [{ role: role as 'system', parts: [{ type: 'text', text }] }];
      }),
    ),
    { maxLength: 6 },
  )
  // Ids repeat between turns, as some providers' do; within this conversation they must not.
  .map((turns) => [
    { role: 'user', parts: [{ type: 'text', text: 'Start' }] } as const,
    ...turns.flatMap((messages, turn) => messages.map((message) => withIds(message, turn))),
  ]);

function withIds(message: Message, turn: number): Message {
  const parts = message.parts.map((part): Part => {
    if (part.type === 'tool-call') return { ...part, id: `${part.id}${turn}` };
    return part.type === 'tool-result' ? { ...part, toolCallId: `${part.toolCallId}${turn}` } : part;
  });
  return { ...message, parts };
}

/** JSON has no -0. */
const number = fc.double({ min: -3, max: 3, noNaN: true }).map((value) => value + 0);
const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    model: fc.constant('alias'),
    messages: conversation,
    stream: fc.boolean(),
    includeUsage: fc.constant(true),
    tools: fc.uniqueArray(
      fc.constantFrom('f', 'g').map((name) => ({ type: 'function', name, description: '' }) as const),
      { maxLength: 2, selector: ({ name }) => name },
    ),
    toolChoice: fc.constantFrom(
      { type: 'auto' } as const,
      { type: 'none' } as const,
      { type: 'required' } as const,
      { type: 'allowed', names: ['f'] } as const,
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
      { type: 'json-schema', schema: { type: 'object', properties: {}, additionalProperties: false } } as const,
    ),
    user: fc.string(),
  },
  { requiredKeys: ['model', 'messages', 'stream', 'includeUsage'] },
);

const sonnet = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0';
const models = [
  sonnet,
  'anthropic.claude-3-haiku-20240307-v1:0',
  'us.anthropic.claude-opus-4-6-v1',
  'us.amazon.nova-2-lite-v1:0',
  'amazon.titan-text-express-v1',
  'meta.llama3-1-70b-instruct-v1:0',
  'mistral.mistral-large-2402-v1:0',
  'openai.gpt-oss-120b-1:0',
  'arn:aws:bedrock:us-east-1:000000000000:application-inference-profile/abc',
  'some.new-model-v1:0',
];

describe('any request', () => {
  it('goes out in the form the API takes, or is refused for what the model cannot read', () => {
    fc.assert(
      fc.property(request, fc.constantFrom(...models), (given, model) => {
        let body: JsonObject;
        try {
          body = dialect.request.encode(deepFreeze(given), { model }).body;
        } catch (thrown) {
          expect(thrown).toMatchObject({ code: 'unsupported_parameter', param: 'messages' });
          return;
        }
        expect({ model, refusal: refusalOf(body, model)?.message }).toEqual({ model, refusal: undefined });
      }),
      { numRuns: 1500, seed: 7 },
    );
  });

  it('comes back as it was, but for what was reported', () => {
    fc.assert(
      fc.property(request, (given) => {
        const { body, dropped } = dialect.request.encode(deepFreeze(given), { model: sonnet });
        const again = dialect.request.decode(deepFreeze(body), { model: sonnet, stream: given.stream });
        for (const [name, value, found] of parameters(given, again)) {
          if (value !== undefined && !dropped.some((lost) => lost.split('.')[0] === name))
            expect({ name, value: found }).toEqual({ name, value });
        }
        expect(said(again.messages)).toEqual(said(given.messages));
      }),
      { numRuns: 800, seed: 9 },
    );
  });
});

/** Parameters by the names OpenAI's callers use, as they were and as they came back. */
function parameters(given: ChatRequest, again: ChatRequest): readonly (readonly [string, unknown, unknown])[] {
  const sequences = given.stop?.filter((text) => text.trim() !== '');
  return [
    ['max_tokens', thinks(again) ? undefined : given.maxOutputTokens, again.maxOutputTokens],
    ['temperature', given.temperature, again.temperature],
    ['top_p', given.topP, again.topP],
    ['top_k', given.topK, again.topK],
    ['stop', sequences?.length === 0 ? undefined : sequences, again.stop],
    ['user', given.user, again.user],
    ['response_format', given.responseFormat, again.responseFormat],
    ['n', given.choiceCount === 1 ? undefined : given.choiceCount, again.choiceCount],
    ['seed', given.seed, again.seed],
    ['stream', given.stream, again.stream],
  ];
}

function thinks({ reasoning }: ChatRequest): boolean {
  return reasoning?.enabled === true;
}

/** What the encoder adds where nothing but words asks for JSON. */
const ownInstruction = 'Answer with one JSON object';

/** What was said, called and answered, and by whom; ids as the order in which they first appear. */
function said(messages: readonly Message[]): unknown {
  const ids: string[] = [];
  const place = (id: string): number => {
    if (!ids.includes(id)) ids.push(id);
    return ids.indexOf(id);
  };
  // Instructions stand apart from the turns here.
  const prompts = messages.filter(({ role }) => role === 'system' || role === 'developer');
  const turns = messages.filter((message) => !prompts.includes(message));
  const lines = (of: readonly Message[]) =>
    of.flatMap(({ role, parts }) =>
      parts.flatMap((part): readonly JsonValue[] => {
        switch (part.type) {
          case 'text':
            return part.text.trim() === '' || part.text === 'See the document.'
              ? []
              : [`${speaker(role)}: ${part.text.trim()}`];
          case 'tool-call':
            return [[place(part.id), part.name, JSON.parse(part.arguments)]];
          case 'tool-result': {
            const [first] = part.content;
            const text = first?.type === 'text' ? first.text : '';
            return [[place(part.toolCallId), text.trim() === '' ? '(no output)' : text]];
          }
          default:
            return [];
        }
      }),
    );
  // Results come first in their turn, and texts of one turn may stand in one message or in several.
  return { prompts: lines(prompts).filter((line) => !String(line).includes(ownInstruction)), turns: lines(turns) };
}

function speaker(role: Message['role']): string {
  if (role === 'developer') return 'system';
  return role === 'tool' ? 'user' : role;
}

// ---- Streams ----

describe('any stream', () => {
  it('says the same to a Bedrock caller in the grammar of the API', () => {
    const refusal = words.map((text): ChatEvent => ({ type: 'refusal-delta', choice: 0, text }));
    expectSameContent({
      dialect,
      events: anySteps({ words, more: [refusal] }).map((steps) => wholeStream(wellFormed(steps))),
      problems: streamProblems,
      // A refusal has no form of its own here: it is text.
      content: (parts) => ({ ...contentOf(parts), text: joinedText(parts, 'text', 'refusal') }),
    });
  });
});

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    const names = [
      'messageStart',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
    ];
    expectReadOrRefused({
      dialect,
      bodies: (inner, outer) => [
        inner,
        { output: { message: { content: inner } } },
        { output: { message: { content: [inner, { text: 'x', extra: outer }, { toolUse: inner }] } }, usage: outer },
      ],
      streams: (inner, outer) => [
        names.map((event) => {
          const data = { ...asObject(inner), contentBlockIndex: 0, delta: outer, start: { toolUse: inner } };
          return { event, data: JSON.stringify(data) };
        }),
      ],
      eventsUnder: 20,
    });
  });
});
