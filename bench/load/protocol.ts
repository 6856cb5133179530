import type { ExpectedAnswer } from '../exchange/check-answer.ts';

/** One kind of call, sent again and again. */
export interface CallSpec {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Sent in turn, one with each call, instead of the `authorization` among the headers. */
  readonly authorizations?: readonly string[];
  readonly expected: ExpectedAnswer;
}

/** What the bench asks the load process. */
export type LoadProtocol = {
  /** Each connection sends its next call when the last is answered, for a time. */
  readonly requests: {
    readonly ask: { readonly spec: CallSpec; readonly connections: number; readonly durationMs: number };
    readonly answer: LoadResult;
  };
  /** Each connection reads so many streams, one after another. */
  readonly streams: {
    readonly ask: { readonly spec: CallSpec; readonly concurrent: number; readonly each: number };
    readonly answer: LoadResult;
  };
  /** Calls start at a fixed rate, whether or not earlier ones are answered. */
  readonly rate: {
    readonly ask: { readonly spec: CallSpec; readonly perSecond: number; readonly durationMs: number };
    readonly answer: RateResult;
  };
  /** Opens streams and keeps them open; answers when all of them have had their first output. */
  readonly hold: { readonly ask: { readonly spec: CallSpec; readonly streams: number }; readonly answer: LoadResult };
  /** Lets go of the held streams. */
  readonly release: { readonly ask: undefined; readonly answer: undefined };
};

export interface LoadResult {
  readonly completed: number;
  readonly failed: number;
  /** What was wrong with the first answer that was wrong. */
  readonly firstFault?: string;
  readonly elapsedMs: number;
}

/** Milliseconds from sending a call until its first output (for an answer that is no stream: until its end). */
export interface RateResult extends LoadResult {
  readonly p50: number;
  readonly p99: number;
}
