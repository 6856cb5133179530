import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GatewayError } from '../../../src/core/errors.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import type { ChatEvent, ChatRequest, FinishReason, Message, Part } from '../../../src/dialects/canonical.ts';
import { openaiResponses } from '../../../src/dialects/openai-responses/index.ts';
import { decodeStream } from '../../support/corpus.ts';
import { responseStreamProblems } from '../../support/openai-responses-stream-grammar.ts';
import { expectReadOrRefused } from '../contract/any-answer-body.ts';
import { anySteps, contentOf, expectSameContent, joinedText, wellFormed, wholeStream } from '../contract/any-stream.ts';
import { deepFreeze } from '../contract/deep-freeze.ts';

const dialect = openaiResponses();
const words = fc.oneof(fc.constantFrom('', ' ', '\n', 'Hi', '\u00e9\u4e2d\ud83d\ude00'), fc.string());
const ids = fc.stringMatching(/^[a-z]{1,8}$/);

// ---- Requests ----

const text = words.map((value): Part => ({ type: 'text', text: value }));
const image = fc.constantFrom<Part>(
  { type: 'image', source: { kind: 'base64', mediaType: 'image/png', data: 'AAAA' }, detail: 'low' },
  { type: 'image', source: { kind: 'url', url: 'https://a.example/b.png' } },
  { type: 'image', source: { kind: 'file-id', id: 'file-1' } },
  { type: 'file', source: { kind: 'base64', mediaType: 'application/pdf', data: 'AAAA' }, filename: 'a.pdf' },
  { type: 'file', source: { kind: 'url', url: 'https://a.example/b.pdf' } },
);
const state = (value: JsonObject): { dialect: 'openai-responses'; value: string } => ({
  dialect: 'openai-responses',
  value: JSON.stringify(value),
});
const reasoning = fc.tuple(ids, words).map(([id, summary]): Part => {
  const signature = state({
    id: `rs_${id}`,
    summary: [{ type: 'summary_text', text: summary }],
    encrypted_content: id,
  });
  return summary === ''
    ? { type: 'reasoning', text: '', redacted: signature }
    : { type: 'reasoning', text: summary, signature };
});
const call = fc.tuple(ids, fc.jsonValue()).map(([id, value]): Part => {
  return {
    type: 'tool-call',
    id,
    name: 'f',
    arguments: JSON.stringify({ value }),
    signature: state({ id: `fc_${id}` }),
  };
});

/** Texts of the model that follow each other are one message, whose first part has its id. */
const said = fc
  .tuple(
    fc.array(reasoning, { maxLength: 2 }),
    fc.option(fc.tuple(ids, fc.array(words, { minLength: 1, maxLength: 2 })), { nil: undefined }),
    fc.array(call, { maxLength: 2 }),
  )
  .map(([thoughts, message, calls]): readonly Part[] => {
    const [id, texts] = message ?? ['', []];
    const parts = texts.map((value, index): Part => {
      return index === 0
        ? { type: 'text', text: value, signature: state({ id: `msg_${id}`, phase: 'commentary' }) }
        : { type: 'text', text: value };
    });
    return [...thoughts, ...parts, ...calls];
  })
  .filter((parts) => parts.length > 0);

const result = fc.tuple(ids, fc.array(fc.oneof(text, image), { minLength: 2, maxLength: 3 })).map(([id, content]) => {
  return { type: 'tool-result', toolCallId: id, content } as Extract<Part, { type: 'tool-result' }>;
});

const turns: fc.Arbitrary<readonly Message[]> = fc
  .array(
    fc.tuple(
      fc.constantFrom('user', 'developer', 'system'),
      fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }),
      said,
      fc.array(result, { minLength: 1, maxLength: 2 }),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) =>
    list.flatMap(([role, heard, parts, results]): Message[] => [
      { role: role as Message['role'], parts: heard },
      { role: 'assistant', parts },
      { role: 'tool', parts: results },
    ]),
  );

const request: fc.Arbitrary<ChatRequest> = fc.record(
  {
    model: fc.constant('some-model'),
    messages: turns,
    stream: fc.constant(false),
    includeUsage: fc.constant(false),
    tools: fc.constant([
      { type: 'function', name: 'f', parameters: { type: 'object', properties: {} }, strict: true } as const,
    ]),
    toolChoice: fc.constantFrom(
      { type: 'auto' } as const,
      { type: 'none' } as const,
      { type: 'required' } as const,
      { type: 'required', names: ['f'] } as const,
      { type: 'allowed', names: ['f'] } as const,
      { type: 'tool', name: 'f' } as const,
    ),
    parallelToolCalls: fc.boolean(),
    maxOutputTokens: fc.integer({ min: 16, max: 300_000 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    topP: fc.double({ min: 0, max: 1, noNaN: true }),
    logprobs: fc.constant(true),
    topLogprobs: fc.nat({ max: 20 }),
    reasoning: fc.constantFrom<ChatRequest['reasoning']>(
      { effort: 'low' },
      { enabled: false, effort: 'none' },
      { effort: 'high', includeText: true },
    ),
    responseFormat: fc.constantFrom<NonNullable<ChatRequest['responseFormat']>>(
      { type: 'text' },
      { type: 'json' },
      { type: 'json-schema', name: 'a', schema: { type: 'object' }, strict: true },
    ),
    user: fc.string(),
  },
  { requiredKeys: ['model', 'messages', 'stream', 'includeUsage', 'tools'] },
) as fc.Arbitrary<ChatRequest>;

describe('any request', () => {
  it('goes out and comes back as it was', () => {
    fc.assert(
      fc.property(request, (given) => {
        const { body, dropped } = dialect.request.encode(deepFreeze(given), { model: 'some-model' });
        expect(dropped).toEqual([]);
        expect(dialect.request.decode(deepFreeze(body), {})).toEqual(given);
      }),
      { numRuns: 600, seed: 7 },
    );
  });

  it('passes through with the meaning it is encoded with', () => {
    fc.assert(
      fc.property(request, (given) => {
        const { body } = dialect.request.encode(given, { model: 'some-model' });
        expect(dialect.request.passThrough(body, { model: 'other' })).toEqual([['model', '"other"']]);
      }),
      { numRuns: 200, seed: 8 },
    );
  });
});

// ---- Streams ----

const signature = words.map((value) => ({ dialect: 'anthropic-messages', value }) as const);

const steps = anySteps({
  words,
  more: [
    words.map((value): ChatEvent => ({ type: 'refusal-delta', choice: 0, text: value })),
    signature.map((redacted): ChatEvent => ({ type: 'reasoning-redacted', choice: 0, redacted })),
  ],
});
const reasons = fc.constantFrom<FinishReason>('stop', 'length', 'content_filter');

function streamOf(given: readonly ChatEvent[], reason: FinishReason): ChatEvent[] {
  return wholeStream(wellFormed(given), { reason, usage: { inputTokens: 1, outputTokens: 2 } });
}

describe('any stream', () => {
  it('keeps the grammar of the API and says the same', () => {
    expectSameContent({
      dialect,
      events: fc.tuple(steps, reasons).map(([given, reason]) => streamOf(given, reason)),
      problems: (stream) => responseStreamProblems(stream.toString()),
      content: (parts) => ({
        ...contentOf(parts),
        refusal: joinedText(parts, 'refusal'),
        redacted: parts.flatMap((part) => (part.type === 'reasoning' && part.redacted ? [part.redacted] : [])),
      }),
    });
  });

  it('breaks off without an end, and with an error', () => {
    const error = new GatewayError('upstream_truncated');
    fc.assert(
      fc.property(steps, fc.nat({ max: 20 }), (given, length) => {
        const events = streamOf(given, 'stop').slice(0, length);
        if (events.some((event) => event.type === 'done')) return;
        const encoder = dialect.stream.encoder({ model: 'm', fallbackId: 'f', created: 1, includeUsage: true });
        const begun = events.map((event) => encoder.encode(event)).join('');
        const broken = decodeStream(dialect.stream.decoder(), [Buffer.from(begun + encoder.fail(error))]);
        expect(broken.filter((event) => event.type === 'done')).toEqual([]);
        expect(broken.at(-1)).toMatchObject({ type: 'error', fault: { code: 'upstream_truncated' } });
      }),
      { numRuns: 200, seed: 12 },
    );
  });
});

// ---- Bodies ----

describe('any answer body', () => {
  it('is read or refused, and nothing else happens', () => {
    const types = ['created', 'output_item.added', 'output_text.delta', 'output_item.done', 'completed'];
    expectReadOrRefused({
      dialect,
      bodies(inner, outer) {
        const item = { type: 'message', content: [inner, { type: 'output_text', text: 'x', extra: outer }] };
        return [inner, { output: inner }, { output: [inner, item, { type: 'reasoning', summary: outer }] }];
      },
      streams: (inner, outer) => [
        types.map((type) => {
          const body = { type: `response.${type}`, output_index: 0, item: inner, delta: outer, response: outer };
          return { event: undefined, data: JSON.stringify(body) };
        }),
      ],
      eventsUnder: 30,
    });
  });
});
