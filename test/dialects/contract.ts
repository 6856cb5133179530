import { describe } from '@jest/globals';
import type { Dialect } from '../../src/dialects/dialect.ts';
import { answerLaws } from './contract/answer-laws.ts';
import { errorLaws } from './contract/error-laws.ts';
import { parameterLaws } from './contract/parameter-laws.ts';
import { requestLaws } from './contract/request-laws.ts';
import type { DialectSamples } from './contract/samples.ts';
import { streamLaws } from './contract/stream-laws.ts';

export type { DialectSamples } from './contract/samples.ts';

/** The laws of `Dialect`, for one dialect and its samples. */
export function dialectContract(name: string, makeDialect: () => Dialect, samples: DialectSamples): void {
  describe(`${name} keeps the laws of a dialect`, () => {
    describe('requests', () => requestLaws(makeDialect, samples));
    describe('parameters', () => parameterLaws(makeDialect));
    describe('answers', () => answerLaws(makeDialect, samples));
    describe('streams', () => streamLaws(makeDialect, samples));
    describe('errors', () => errorLaws(makeDialect, samples));
  });
}
