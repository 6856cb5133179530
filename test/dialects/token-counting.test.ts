import { describe, expect, it } from '@jest/globals';
import { asObject, type JsonObject, type JsonValue } from '../../src/core/json.ts';
import { anthropicMessages } from '../../src/dialects/anthropic-messages/index.ts';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { gemini } from '../../src/dialects/gemini/index.ts';
import { type TokenCounting, tokenCounting } from '../../src/dialects/token-counting.ts';
import { bodyText, type CorpusRecord, describeCorpus, headerReader } from '../support/corpus.ts';
import { deepFreeze } from './contract/deep-freeze.ts';

interface Counter {
  readonly folder: string;
  readonly dialect: Dialect;
  /** The number of a recorded answer, read without the code under test. */
  readonly told: (answer: JsonObject) => unknown;
}

const counters: readonly Counter[] = [
  { folder: 'anthropic-count-tokens', dialect: anthropicMessages(), told: ({ input_tokens }) => input_tokens },
  { folder: 'gemini-count-tokens', dialect: gemini(), told: ({ totalTokens }) => totalTokens },
];

function countingOf({ name }: Dialect): TokenCounting {
  const counting = tokenCounting[name];
  if (counting === undefined) throw new Error(`${name} does not count tokens`);
  return counting;
}

function named(record: CorpusRecord): readonly [string, CorpusRecord] {
  return [record.file, record];
}

for (const { folder, dialect, told } of counters) {
  const counting = countingOf(dialect);

  describeCorpus(`recorded counts of tokens: ${folder}`, [folder], (records) => {
    const answers = records.filter(({ status }) => status === 200);
    const failures = records.filter(({ status }) => status >= 400);
    const asked = records.filter(({ request }) => request !== undefined);

    it.each(answers.map(named))('%s is read as the number it tells, and told again in its place', (_, record) => {
      const answer: JsonObject = deepFreeze(JSON.parse(bodyText(record)));
      const tokens = counting.decode(answer);
      expect(tokens).toBe(told(answer));
      expect(tokens).toBeGreaterThan(0);
      const again = counting.encode(tokens ?? 0);
      expect(told(again)).toBe(tokens);
      // Nothing that the provider's own answers do not have.
      expect(answer).toMatchObject(again);
    });

    it.each(asked.map(named))('%s asks for the same, in one form', (_, record) => {
      const body: JsonObject = deepFreeze(JSON.parse(record.request?.body ?? ''));
      const chat = counting.chatRequest(body);
      const model = record.model ?? '';
      expect(dialect.request.decode(chat, { model }).messages.length).toBeGreaterThan(0);
      expect(questionIn(counting.question(chat, model))).toEqual(questionIn(body));
    });

    for (const record of failures) {
      it(`PT-19: ${record.file} is an error`, () => {
        if (record.digest?.kind !== 'error') throw new Error('no error');
        const { status, headers, body } = record.response;
        expect(dialect.error.decode(status, headerReader(headers), body)).toMatchObject({
          kind: 'model_not_found',
          status: 404,
          code: record.digest.type,
          message: record.digest.message,
        });
      });
    }
  });
}

it("counts the schema of an answer, which is part of Anthropic's prompt", () => {
  const counting = countingOf(anthropicMessages());
  const format = { type: 'json_schema', schema: { type: 'object', properties: { city: { type: 'string' } } } };
  const asked = { model: 'claude-sonnet-5', messages: [{ role: 'user', content: 'Where?' }] };
  const settings = { output_config: { format }, output_format: format, cache_control: { type: 'ephemeral' } };
  const ofAnswer = { max_tokens: 1024, temperature: 0, stream: true };
  expect(counting.question({ ...asked, ...settings, ...ofAnswer }, 'claude-sonnet-5')).toEqual({
    ...asked,
    ...settings,
  });
});

/** What is to be counted: Gemini takes it bare and in a wrapping, with the model in the path or in the body. */
function questionIn(body: JsonObject): JsonObject {
  const { model: _model, ...request } = asObject(body.generateContentRequest) ?? body;
  return request;
}

describe.each(counters)('what is no count of tokens: $folder', ({ dialect }) => {
  const counting = countingOf(dialect);
  const member = Object.keys(counting.encode(1))[0] ?? '';
  const values: readonly (JsonValue | undefined)[] = [undefined, null, '7', -1, 0.5, {}, [7], true];

  it.each(values.map((value) => [JSON.stringify(value) ?? 'nothing', value]))('%s', (_, value) => {
    expect(counting.decode({ [member]: value })).toBeUndefined();
  });

  it.each([[null], ['text'], [[1]], [7]])('an answer that is %j', (answer) => {
    expect(counting.decode(answer)).toBeUndefined();
  });
});
