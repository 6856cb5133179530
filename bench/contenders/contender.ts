import type { ExpectedAnswer } from '../exchange/check-answer.ts';

/** What a scenario has a contender do; the provider behind it follows from that. */
export type Task = 'pass' | 'to-anthropic' | 'to-gemini' | 'fallback';

/** The call that makes a contender do a task. */
export interface ContenderCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Sent in turn, one with each call, instead of the `authorization` among the headers: calls of many callers. */
  readonly authorizations?: readonly string[];
  readonly expected: ExpectedAnswer;
}

export interface CallOptions {
  readonly stream: boolean;
  readonly providerOrigin: string;
  /** How many callers take turns, each with a key of its own; absent where it does not matter who calls. */
  readonly callers: number | undefined;
}

export interface Contender {
  readonly name: string;
  readonly label: string;
  /** The program that runs as the gateway process. */
  readonly file: URL;
  /** A file without which it cannot start, and what to do about it. */
  readonly needs?: { readonly file: URL; readonly remedy: string };
  /** `undefined` for a task it cannot do. */
  call(task: Task, options: CallOptions): ContenderCall | undefined;
}
