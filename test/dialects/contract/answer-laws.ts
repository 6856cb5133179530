import { expect, it } from '@jest/globals';
import type { JsonValue } from '../../../src/core/json.ts';
import type { Usage } from '../../../src/core/usage.ts';
import type { ChatAnswer } from '../../../src/dialects/canonical.ts';
import type { Dialect } from '../../../src/dialects/dialect.ts';
import { digestOf } from '../../support/corpus.ts';
import { deepFreeze } from './deep-freeze.ts';
import { type DialectSamples, plainAnswers, replyFor } from './samples.ts';

export function answerLaws(makeDialect: () => Dialect, samples: DialectSamples): void {
  const { response, usage } = makeDialect();
  const decode = (body: JsonValue): ChatAnswer => decodedAnswer(makeDialect(), body);

  for (const { name, body } of samples.answers) {
    it(`decodes and encodes ${name} without losing or changing anything`, () => {
      const answer = deepFreeze(decode(body));
      expect(response.encode(answer, replyFor(answer))).toEqual(body);
    });
  }

  for (const answer of plainAnswers) {
    const [choice] = answer.choices;
    it(`encodes an answer of another dialect that ends with ${choice?.finishReason} and ${choice?.parts.length} parts`, () => {
      const decoded = decode(response.encode(deepFreeze(answer), replyFor(answer)));
      const { usage: _, ...meaning } = digestOf(decoded);
      expect(meaning).toMatchObject(withoutUsage(answer));
      expect(decoded.usage).toMatchObject({ inputTokens: 12, outputTokens: 7 });
      expect(decoded.model).toBe(samples.namesModel === false ? '' : 'served-model');
    });
  }

  it('reads a finish reason nobody knows as stop and keeps it', () => {
    const answer = decode(samples.unknownFinish.whole);
    expect(answer.choices[0]).toMatchObject({ finishReason: 'stop', rawFinishReason: samples.unknownFinish.raw });
  });

  for (const body of [null, 'text', 7, [], {}, { message: 'hello' }] satisfies JsonValue[]) {
    it(`refuses ${JSON.stringify(body)} as an answer`, () => {
      expect(() => response.decode(body)).toThrow(expect.objectContaining({ code: 'upstream_invalid_response' }));
    });
  }

  it('reads an error wrapped in a 200 as a fault', () => {
    const decoded = response.decode(deepFreeze(samples.errorBody('It broke.')));
    expect(decoded).toMatchObject({ fault: { message: expect.stringContaining('It broke.') } });
  });

  it('encodes and decodes usage to the same counts', () => {
    const counts: Usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 30 };
    const told = Object.entries(counts).filter(
      ([name]) => !samples.uncountedUsage?.some((missing) => missing === name),
    );
    expect(usage.decode(deepFreeze(usage.encode(deepFreeze(counts))))).toMatchObject(Object.fromEntries(told));
  });

  it('keeps explicit zeros of usage', () => {
    const decoded = usage.decode(usage.encode({ inputTokens: 0, outputTokens: 0 }));
    expect(decoded).toMatchObject({ inputTokens: 0, outputTokens: 0 });
  });
}

/** @throws Error when the body is a fault */
export function decodedAnswer(dialect: Dialect, body: JsonValue): ChatAnswer {
  const decoded = dialect.response.decode(deepFreeze(body));
  if ('fault' in decoded) throw new Error(`read as a fault: ${decoded.fault.message}`);
  return decoded.answer;
}

function withoutUsage(answer: ChatAnswer) {
  const { usage: _, ...meaning } = digestOf(answer);
  return meaning;
}
