import { describe, expect, it } from '@jest/globals';
import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';
import { anthropicMessages } from '../../../src/dialects/anthropic-messages/index.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { gemini } from '../../../src/dialects/gemini/index.ts';
import { openaiChat } from '../../../src/dialects/openai-chat/index.ts';
import { bodyText, type CorpusRecord, describeCorpus } from '../../support/corpus.ts';

const target = gemini();
const models = ['gemini-2.0-flash', 'gemini-2.5-flash', 'gemini-3-flash-preview'];

const bodyFields = ['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig'];
const configFields = [
  'candidateCount',
  'frequencyPenalty',
  'logprobs',
  'maxOutputTokens',
  'presencePenalty',
  'responseJsonSchema',
  'responseLogprobs',
  'responseMimeType',
  'responseSchema',
  'seed',
  'stopSequences',
  'temperature',
  'thinkingConfig',
  'topK',
  'topP',
];
const partFields = [
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
];

describe.each<[string, string, Dialect]>([
  ['OpenAI', 'openai-chat', openaiChat()],
  ['Anthropic', 'anthropic-messages', anthropicMessages()],
])('requests of %s callers', (_, folder, source) => {
  describeCorpus('as recorded', [folder], (records) => {
    const requests = records.filter(({ request, status }) => request !== undefined && status === 200);

    it('can be sent, but for media that Gemini cannot reach', () => {
      const sent = requests.filter((record) => encoded(record, source, 'gemini-2.5-flash') !== undefined);
      expect(sent.length).toBeGreaterThan(100);
      expect(sent.length).toBeGreaterThan(0.95 * requests.length);
    });

    it.each(requests.map((record) => [record.file, record] as const))(
      '%s keeps to the rules of Gemini',
      (__, record) => {
        for (const model of models) {
          const body = encoded(record, source, model);
          if (body !== undefined) expectRules(body);
        }
      },
    );
  });
});

describeCorpus('signatures of Gemini in the hands of OpenAI callers', ['gemini-generate'], (records) => {
  const caller = openaiChat();
  const reply = { model: 'served', fallbackId: 'fallback', created: 1, includeUsage: true };
  // OpenAI's messages have no place for the code Google runs, nor for its signature.
  const signed = records.filter(
    ({ features, stream }) => features.has('out.signature') && !features.has('out.server_tool') && !stream,
  );

  it.each(signed.map((record) => [record.file, record] as const))('%s come back byte for byte', (_, record) => {
    const answered = JSON.parse(bodyText(record));
    const decoded = target.response.decode(answered);
    if (!('answer' in decoded)) throw new Error(decoded.fault.message);
    const [choice] = asArray(caller.response.encode(decoded.answer, reply).choices);
    const messages = [{ role: 'user', content: 'Hello' }, asObject(choice)?.message ?? null];
    const next = caller.request.decode({ model: 'any', messages }, {});
    const { body } = target.request.encode(next, { model: 'gemini-2.5-flash' });
    expect(signaturesIn(body)).toEqual(signaturesIn(answered));
  });
});

function signaturesIn(body: JsonObject): readonly unknown[] {
  const literals = JSON.stringify(body).matchAll(/"thoughtSignature":("(?:[^"\\]|\\.)*")/g);
  return [...literals].map(([, literal]) => JSON.parse(literal ?? ''));
}

/** `undefined` for what Gemini cannot be sent, which is refused by name. */
function encoded(record: CorpusRecord, source: Dialect, model: string): JsonObject | undefined {
  const request = source.request.decode(JSON.parse(record.request?.body ?? ''), {});
  try {
    return target.request.encode(request, { model }).body;
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'invalid_request', param: expect.stringMatching(/^messages/) });
    return undefined;
  }
}

function expectRules(body: JsonObject): void {
  expect(without(Object.keys(body), bodyFields)).toEqual([]);
  expect(without(Object.keys(asObject(body.generationConfig) ?? {}), configFields)).toEqual([]);
  let before: JsonObject | undefined;
  for (const turn of asArray(body.contents).map((content) => asObject(content) ?? {})) {
    const parts = partsOf(turn);
    expect(parts.length).toBeGreaterThan(0);
    expect(parts.flatMap((part) => without(Object.keys(part), partFields))).toEqual([]);
    expect(['user', 'model']).toContain(turn.role);
    expect(turn.role).not.toBe(before?.role);
    expectAnswers(parts, before === undefined ? [] : partsOf(before));
    before = turn;
  }
}

/** Every call of the turn before is answered, in order, and nothing stands before or between the responses. */
function expectAnswers(parts: readonly JsonObject[], before: readonly JsonObject[]): void {
  const responses = parts.flatMap((part) => asObject(part.functionResponse) ?? []) as JsonObject[];
  const calls = before.flatMap((part) => asObject(part.functionCall) ?? []) as JsonObject[];
  expect(parts.slice(0, responses.length).every((part) => part.functionResponse !== undefined)).toBe(true);
  if (responses.length > 0) expect(responses.map(({ name }) => name)).toEqual(calls.map(({ name }) => name));
  for (const { response } of responses) expect(asObject(response)).toBeDefined();
}

function partsOf(turn: JsonObject): readonly JsonObject[] {
  return asArray(turn.parts).map((part) => asObject(part) ?? {});
}

function without(names: readonly string[], allowed: readonly string[]): readonly string[] {
  return names.filter((name) => !allowed.includes(name));
}
