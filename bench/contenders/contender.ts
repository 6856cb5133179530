import type { ExpectedAnswer } from '../exchange/check-answer.ts';

/** What a scenario has a contender do; the provider behind it follows from that. */
export type Task = 'pass' | 'to-anthropic' | 'to-gemini' | 'fallback';

/** The call that makes a contender do a task. */
export interface ContenderCall {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly expected: ExpectedAnswer;
}

export interface Contender {
  readonly name: string;
  readonly label: string;
  /** The program that runs as the gateway process. */
  readonly file: URL;
  /** A file without which it cannot start, and what to do about it. */
  readonly needs?: { readonly file: URL; readonly remedy: string };
  /** `undefined` for a task it cannot do. */
  call(task: Task, options: { readonly stream: boolean; readonly providerOrigin: string }): ContenderCall | undefined;
}
