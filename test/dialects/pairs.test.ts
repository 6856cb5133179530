import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DialectName } from '../../src/core/dialect-name.ts';
import type {
  ChatAnswer,
  ChatEvent,
  ChatRequest,
  Message,
  Opaque,
  Part,
  ReasoningPart,
} from '../../src/dialects/canonical.ts';
import { answerToEvents, collectEvents } from '../../src/dialects/collect.ts';
import type { Dialect, WireEvent } from '../../src/dialects/dialect.ts';
import { dialects } from '../../src/dialects/index.ts';
import { openaiChat } from '../../src/dialects/openai-chat/index.ts';
import { decodeWireEvents, digestOf } from '../support/corpus.ts';
import { type StreamGrammar, streamGrammars } from '../support/stream-grammar.ts';
import { decodedAnswer } from './contract/answer-laws.ts';
import { deepFreeze } from './contract/deep-freeze.ts';
import { plainAnswers, replyFor } from './contract/samples.ts';

/** Our own short form is spoken by no provider and says less on purpose. */
const spoken: readonly Dialect[] = Object.values(dialects).filter(({ name }) => name !== 'plain-chat');
const grammarOf = ({ name }: Dialect): StreamGrammar => streamGrammars[name as keyof typeof streamGrammars];
const pairs = spoken.flatMap((caller) =>
  spoken.map((provider) => [caller.name, provider.name, caller, provider] as const),
);

/** A model of each that takes what most do. */
const models: Readonly<Partial<Record<DialectName, string>>> = {
  'openai-chat': 'gpt-4o',
  'openai-responses': 'gpt-4o',
  'anthropic-messages': 'claude-sonnet-4-5',
  gemini: 'gemini-2.5-pro',
  'bedrock-converse': 'anthropic.claude-sonnet-4-5-20250929-v1:0',
  'cohere-chat': 'command-a-vision-07-2025',
  'ollama-chat': 'llama3.2-vision',
};
const modelOf = ({ name }: Dialect): string => models[name] ?? 'some-model';

// ---- Answers ----

/** What a provider gives with its reasoning so that it comes back: nothing, a signature, or all of it in encrypted form. */
type Seal = 'none' | 'signed' | 'redacted';
const seal = fc.constantFrom<Seal>('none', 'signed', 'redacted');

/** Those that seal reasoning. What OpenAI's chat callers send back is sealed by others. */
const sealers: Readonly<Partial<Record<DialectName, DialectName>>> = {
  'anthropic-messages': 'anthropic-messages',
  'bedrock-converse': 'bedrock-converse',
  'openai-responses': 'openai-responses',
  gemini: 'gemini',
  'openai-chat': 'anthropic-messages',
};

/** A part of reasoning as a dialect gives it. Gemini hides none. */
function reasoningPart(dialect: Dialect, text: string, wanted: Seal): ReasoningPart {
  const sealer = sealers[dialect.name];
  if (sealer === undefined || wanted === 'none') return { type: 'reasoning', text };
  if (sealer === 'openai-responses') return sealedItem(text, wanted);
  const opaque: Opaque = { dialect: sealer, value: Buffer.from(`seal of ${text}`).toString('base64') };
  return wanted === 'redacted' && sealer !== 'gemini'
    ? { type: 'reasoning', text: '', redacted: opaque }
    : { type: 'reasoning', text, signature: opaque };
}

/** Items of the Responses API go back whole. */
function sealedItem(text: string, wanted: Seal): ReasoningPart {
  const summary = wanted === 'redacted' ? [] : [{ type: 'summary_text', text }];
  const value = JSON.stringify({ id: 'rs_1', summary, encrypted_content: `seal of ${text}` });
  const opaque: Opaque = { dialect: 'openai-responses', value };
  return wanted === 'redacted'
    ? { type: 'reasoning', text: '', redacted: opaque }
    : { type: 'reasoning', text, signature: opaque };
}

const words = fc.stringMatching(/^[a-z\u00e9\u4e2d]{1,9}( [a-z]{1,5}){0,3}$/);
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify({ value }));

const answerOf = (provider: Dialect): fc.Arbitrary<ChatAnswer> =>
  fc
    .record({
      reasoning: fc.option(fc.tuple(words, seal), { nil: undefined }),
      text: fc.option(words, { nil: undefined }),
      calls: fc.array(fc.tuple(fc.constantFrom('weather', 'now'), json), { maxLength: 3 }),
      cut: fc.boolean(),
      input: fc.integer({ min: 1, max: 90_000 }),
      output: fc.integer({ min: 1, max: 9_000 }),
    })
    .filter(({ text, calls }) => text !== undefined || calls.length > 0)
    .map(({ reasoning, text, calls, cut, input, output }) => {
      const parts: Part[] = [
        ...(reasoning === undefined ? [] : [reasoningPart(provider, ...reasoning)]),
        ...(text === undefined ? [] : [{ type: 'text', text } as const]),
        ...calls.map(
          ([name, args], index): Part => ({ type: 'tool-call', id: `call_${index}`, name, arguments: args }),
        ),
      ];
      const finishReason = cut ? 'length' : calls.length > 0 ? 'tool_calls' : 'stop';
      return {
        id: 'answer-1',
        model: 'served-model',
        created: 1_750_000_000,
        choices: [{ index: 0, parts, finishReason }],
        usage: { inputTokens: input, outputTokens: output },
      };
    });

/** The answer as this dialect's provider would stream it. */
function streamed(dialect: Dialect, given: ChatAnswer): readonly ChatEvent[] {
  return throughWire(dialect, answerToEvents(whole(dialect, given)), given);
}

function throughWire(dialect: Dialect, events: readonly ChatEvent[], given: ChatAnswer): readonly ChatEvent[] {
  const encoder = dialect.stream.encoder(replyFor(given));
  const wire: WireEvent[] = [];
  const reader = dialect.stream.framing.reader(({ event, data }) => {
    if (data !== undefined) wire.push({ event, data });
  });
  const stream = Buffer.concat(events.map((event) => Buffer.from(encoder.encode(event))));
  expect(grammarOf(dialect)(stream)).toEqual([]);
  reader.push(stream);
  reader.end();
  return decodeWireEvents(dialect.stream.decoder(), wire);
}

function whole(dialect: Dialect, given: ChatAnswer): ChatAnswer {
  return decodedAnswer(dialect, dialect.response.encode(deepFreeze(given), replyFor(given)));
}

/** What an answer says to its reader. Which reasoning stays visible is each dialect's own matter. */
function said(given: ChatAnswer) {
  const { reasoning: _, ...digest } = digestOf(given);
  return digest;
}

/** The reasoning of an answer, and what seals it. */
function reasoningSaid({ choices: [choice] }: ChatAnswer) {
  const parts = (choice?.parts ?? []).filter((part) => part.type === 'reasoning');
  return {
    text: parts.map(({ text }) => text).join(''),
    seals: parts.flatMap(({ signature, redacted }) => signature ?? redacted ?? []),
  };
}

describe.each(pairs)('%s asks, %s answers', (_caller, _provider, caller, provider) => {
  it('a stream and a whole answer say the same', () => {
    fc.assert(
      fc.property(answerOf(provider), (given) => {
        const events = throughWire(caller, streamed(provider, given), given);
        expect(reasoningSaid(collectEvents(events))).toEqual(reasoningSaid(whole(caller, whole(provider, given))));
        expect(said(collectEvents(events))).toEqual(said(whole(caller, whole(provider, given))));
        expect(said(collectEvents(events))).toMatchObject({
          text: said(given).text,
          toolCalls: said(given).toolCalls,
          finish: said(given).finish,
        });
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('every way to finish arrives', () => {
    for (const given of plainAnswers) {
      const events = throughWire(caller, streamed(provider, given), given);
      expect(said(collectEvents(events)).finish).toBe(said(given).finish);
      expect(said(whole(caller, whole(provider, given))).finish).toBe(said(given).finish);
    }
  });
});

// ---- Requests ----

const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

interface Turn {
  readonly question: string;
  readonly image: boolean;
  readonly reasoning: readonly [text: string, seal: Seal] | undefined;
  readonly text: string | undefined;
  readonly calls: readonly (readonly [string, string])[];
}

const turn: fc.Arbitrary<Turn> = fc.record({
  question: words,
  image: fc.boolean(),
  reasoning: fc.option(fc.tuple(words, seal), { nil: undefined }),
  text: fc.option(words, { nil: undefined }),
  calls: fc.array(fc.tuple(fc.constantFrom('weather', 'now'), json), { maxLength: 2 }),
});

const parameters: fc.Arbitrary<Partial<ChatRequest>> = fc.record(
  {
    maxOutputTokens: fc.integer({ min: 2_000, max: 4_000 }),
    temperature: fc.constantFrom(0.25, 0.5, 1),
    topP: fc.constantFrom(0.5, 0.9),
    topK: fc.constantFrom(5, 40),
    presencePenalty: fc.constantFrom(0.25, 0.5),
    frequencyPenalty: fc.constantFrom(0.25, 0.5),
    seed: fc.integer({ min: 1, max: 1_000 }),
    stop: fc.constantFrom(['END'], ['END', 'FIN']),
    toolChoice: fc.constantFrom(
      { type: 'auto' } as const,
      { type: 'none' } as const,
      { type: 'required' } as const,
      { type: 'tool', name: 'now' } as const,
    ),
    parallelToolCalls: fc.constant(false),
    responseFormat: fc.constantFrom(
      { type: 'json' } as const,
      {
        type: 'json-schema',
        name: 'city',
        schema: {
          type: 'object',
          properties: { city: { type: 'string' } },
          required: ['city'],
          additionalProperties: false,
        },
      } as const,
    ),
    choiceCount: fc.constant(2),
    user: fc.constant('user-17'),
  },
  { requiredKeys: [] },
);

/** The names OpenAI's callers use for the members of a canonical request. */
const names: Readonly<Partial<Record<keyof ChatRequest, readonly string[]>>> = {
  maxOutputTokens: ['max_tokens', 'max_completion_tokens'],
  temperature: ['temperature'],
  topP: ['top_p'],
  topK: ['top_k'],
  presencePenalty: ['presence_penalty'],
  frequencyPenalty: ['frequency_penalty'],
  seed: ['seed'],
  stop: ['stop'],
  toolChoice: ['tool_choice', 'tools'],
  parallelToolCalls: ['parallel_tool_calls'],
  responseFormat: ['response_format'],
  choiceCount: ['n'],
  user: ['user'],
};

function messagesOf(caller: Dialect, turns: readonly Turn[]): readonly Message[] {
  let count = 0;
  return [
    { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
    ...turns.flatMap(({ question, image, reasoning, text, calls }): readonly Message[] => {
      const made = calls.map(([name, args]): Extract<Part, { type: 'tool-call' }> => {
        count += 1;
        return { type: 'tool-call', id: `call_${count}`, name, arguments: args };
      });
      const answered: Part[] = [
        ...(reasoning === undefined ? [] : [reasoningPart(caller, ...reasoning)]),
        { type: 'text', text: text ?? 'ok' },
        ...made,
      ];
      return [
        {
          role: 'user',
          parts: [
            { type: 'text', text: question },
            ...(image
              ? [{ type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: picture } } as const]
              : []),
          ],
        },
        { role: 'assistant', parts: answered },
        ...(made.length === 0
          ? []
          : [
              {
                role: 'tool',
                parts: made.map(
                  ({ id, name }): Part => ({
                    type: 'tool-result',
                    toolCallId: id,
                    content: [{ type: 'text', text: `result of ${name}` }],
                  }),
                ),
              } as const,
            ]),
      ];
    }),
    { role: 'user', parts: [{ type: 'text', text: 'And now?' }] },
  ];
}

const requestOf = (caller: Dialect): fc.Arbitrary<ChatRequest> =>
  fc.tuple(fc.array(turn, { maxLength: 3 }), parameters).map(([turns, given]) => ({
    model: 'caller-model',
    messages: messagesOf(caller, turns),
    tools: (['weather', 'now'] as const).map((name) => ({
      type: 'function',
      name,
      description: `Tells the ${name}.`,
      parameters: { type: 'object', properties: { value: { type: 'string' } } },
    })),
    stream: false,
    includeUsage: false,
    ...given,
  }));

/** Where a dialect has no JSON mode, the model is asked for JSON in words. */
const jsonInstruction = 'Answer with one JSON object and nothing else';

/** What is said in a conversation, however it is divided into messages; ids matter only as links. */
function conversation({ messages }: ChatRequest): readonly string[] {
  const calls = new Map<string, string>();
  return messages.flatMap(({ role, parts }) =>
    parts.flatMap((part): readonly string[] => {
      switch (part.type) {
        case 'text':
          return part.text.trim() === '' ? [] : saidBy(role === 'developer' ? 'system' : role, part.text);
        case 'image':
          return [`image: ${part.source.kind === 'base64' ? part.source.data : part.source.kind}`];
        case 'tool-call':
          calls.set(part.id, `${calls.size + 1}`);
          return [`call ${part.name}(${JSON.stringify(JSON.parse(part.arguments))})`];
        case 'tool-result': {
          const texts = part.content.map((content) => (content.type === 'text' ? content.text : content.type));
          return [`result of call ${calls.get(part.toolCallId)}: ${unwrapped(texts.join(''))}`];
        }
        default:
          return [];
      }
    }),
  );
}

function saidBy(role: string, text: string): readonly string[] {
  const said = text.split('\n').filter((line) => !line.startsWith(jsonInstruction));
  return said.length === 0 ? [] : [`${role}: ${said.join('\n')}`];
}

/** Where results are objects, a text is one under this name. */
function unwrapped(text: string): string {
  return text.startsWith('{"result":') ? JSON.parse(text).result : text;
}

/** Where no tool can be demanded by its name, it is the only one that is offered; where none can be forbidden, none is. */
function offered({ tools, toolChoice }: ChatRequest): ChatRequest['tools'] {
  if (toolChoice?.type === 'none') return undefined;
  return toolChoice?.type === 'tool'
    ? tools?.filter((tool) => tool.type === 'function' && tool.name === toolChoice.name)
    : tools;
}

function demanded({ tools = [], toolChoice }: ChatRequest): ChatRequest['toolChoice'] {
  if (tools.length === 0) return { type: 'none' };
  const [only] = tools;
  return toolChoice?.type === 'required' && tools.length === 1 && only?.type === 'function'
    ? { type: 'tool', name: only.name }
    : toolChoice;
}

/** A choice that says nothing is no choice. */
function parameter(from: ChatRequest, key: keyof ChatRequest): unknown {
  const value = key === 'toolChoice' ? demanded(from) : from[key];
  if (key === 'toolChoice' && from.toolChoice?.type === 'auto') return undefined;
  // Without calls there are none to make at once.
  if (key === 'parallelToolCalls' && from.toolChoice?.type === 'none') return undefined;
  if (key === 'responseFormat' && from.responseFormat?.type === 'json-schema') return from.responseFormat.schema;
  return value;
}

function through(
  dialect: Dialect,
  given: ChatRequest,
): { readonly read: ChatRequest; readonly dropped: readonly string[] } {
  const model = modelOf(dialect);
  const { body, dropped } = dialect.request.encode(deepFreeze(given), { model });
  return {
    read: dialect.request.decode(deepFreeze(JSON.parse(JSON.stringify(body))), { model, stream: false }),
    dropped,
  };
}

/** What callers write, whichever model they ask: those of OpenAI's dialect send back the reasoning they were given. */
const asCaller = (dialect: Dialect): Dialect =>
  dialect.name === 'openai-chat'
    ? openaiChat({ reasoningHistory: 'reasoning_content', reasoningDetails: true })
    : dialect;

/** The reasoning of a conversation: what can be read of it, and what only its provider can. */
function reasoningOf({ messages }: ChatRequest) {
  const parts = messages.flatMap((message) => message.parts.filter((part) => part.type === 'reasoning'));
  return {
    text: parts.map((part) => part.text).join('|'),
    redacted: parts.flatMap(({ redacted }) => redacted ?? []),
  };
}

function sealsOf({ messages }: ChatRequest): readonly string[] {
  return messages
    .flatMap(({ parts }) => parts)
    .flatMap((part) => (part.type === 'reasoning' ? [part.signature, part.redacted] : []))
    .flatMap((opaque) => (opaque === undefined ? [] : [JSON.stringify(opaque)]));
}

describe.each(pairs)(
  'the reasoning of a conversation from %s to %s and back',
  (_caller, _provider, asked, provider) => {
    const caller = asCaller(asked);

    it('is the same, or its loss is reported, and no seal is broken or made up', () => {
      fc.assert(
        fc.property(requestOf(caller), (given) => {
          const first = through(caller, given);
          const sent = first.read;
          if (!first.dropped.includes('reasoning_content')) expect(reasoningOf(sent)).toEqual(reasoningOf(given));
          const there = through(provider, sent);
          const back = through(caller, there.read);
          const isReported = [...there.dropped, ...back.dropped].includes('reasoning_content');
          if (!isReported) expect(reasoningOf(back.read)).toEqual(reasoningOf(sent));
          for (const read of [there.read, back.read]) {
            const told = sealsOf(sent);
            for (const opaque of sealsOf(read)) expect(told).toContain(opaque);
          }
          // Its own state a provider gets back to the letter.
          if (asked === provider && asked.name !== 'openai-chat') expect(sealsOf(there.read)).toEqual(sealsOf(sent));
        }),
        { numRuns: 60, seed: 17 },
      );
    });
  },
);

describe.each(pairs)('a request from %s to %s and back', (_caller, _provider, caller, provider) => {
  it('keeps the conversation and each parameter, or reports what it lost', () => {
    fc.assert(
      fc.property(requestOf(caller), (given) => {
        const sent = through(caller, given).read;
        const there = through(provider, sent);
        const back = through(caller, there.read);
        const dropped = new Set([...there.dropped, ...back.dropped]);
        expect(conversation(back.read)).toEqual(conversation(sent));
        // Bedrock wants the tools of a conversation declared that is over for them.
        if (sent.tools !== undefined) expect([sent.tools, offered(sent)]).toContainEqual(back.read.tools);
        for (const [key, reported] of Object.entries(names) as [keyof ChatRequest, readonly string[]][]) {
          if (sent[key] === undefined || parameter(sent, key) === undefined) continue;
          if (reported.some((name) => dropped.has(name))) continue;
          if (key === 'responseFormat' && sent.responseFormat?.type === 'json') continue;
          expect({ [key]: parameter(back.read, key) }).toEqual({ [key]: parameter(sent, key) });
        }
      }),
      { numRuns: 40, seed: 5 },
    );
  });
});
