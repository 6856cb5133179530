import { Caller, type CallerAnswer } from './caller.ts';
import { openLoop } from './load.ts';
import { quantile } from './measure.ts';

/** An answer, when it was asked for, and how long it took: milliseconds of `performance.now()`. */
export interface TimedAnswer extends CallerAnswer {
  readonly askedAt: number;
  readonly took: number;
}

/** Requests at a steady pace until `goesOn` says no; their answers are added to `answers` as they come. */
export async function steadyLoad(
  url: string,
  { perSecond, answers, goesOn }: { readonly perSecond: number; readonly answers: TimedAnswer[]; goesOn(): boolean },
): Promise<void> {
  const caller = new Caller(url, 1_000);
  await openLoop({ perSecond, goesOn }, async (index) => {
    const askedAt = performance.now();
    const body = {
      model: 'openai/demo-small',
      stream: index % 2 === 0,
      messages: [{ role: 'user', content: 'write 5 words' }],
    };
    const answer = await caller.ask(body);
    answers.push({ ...answer, askedAt, took: performance.now() - askedAt });
  });
  caller.close();
}

/** Those that were asked for in a stretch of time. */
export function askedWithin(answers: readonly TimedAnswer[], from: number, to: number): readonly TimedAnswer[] {
  return answers.filter(({ askedAt }) => askedAt >= from && askedAt < to);
}

/** Milliseconds that a share of the answers did not exceed. */
export function waitAt(answers: readonly TimedAnswer[], share: number): number {
  return quantile(
    answers.map(({ took }) => took),
    share,
  );
}

export function isServed({ status, broken }: CallerAnswer): boolean {
  return status === 200 && !broken;
}

/** The code of an error, `undefined` for anything else. */
export function errorCode({ text }: CallerAnswer): string | undefined {
  return /"code":\s*"(\w+)"/.exec(text)?.[1];
}
