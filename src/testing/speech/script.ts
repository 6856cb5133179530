import type { AnswerFinish } from './prompt.ts';
import type { PlannedToolCall } from './triggers.ts';

/** What the fake provider answers to the next call in place of its built-in answer, in the caller's dialect. */
export interface ScriptedAnswer {
  /** A list gives the deltas of the stream; a string is cut into words. */
  readonly text?: string | readonly string[];
  readonly reasoning?: string;
  readonly toolCalls?: readonly PlannedToolCall[];
  /** @default `tool_calls` when there are tool calls, else `stop` */
  readonly finish?: AnswerFinish;
  /** Counts to report in place of the real ones; `input` includes `cacheRead`, `output` includes `reasoning`. */
  readonly usage?: {
    readonly input?: number;
    readonly output?: number;
    readonly reasoning?: number;
    readonly cacheRead?: number;
  };
  /** Faults of this one answer, written as in a model name: `slow(50)+cut(2)`. */
  readonly fault?: string;
}

/** An HTTP answer to the letter. */
export interface ScriptedBytes {
  /** @default 200 */
  readonly status?: number;
  /** @default `{'content-type': 'application/json'}` */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body; a list is sent piece by piece, with `tokenDelay` between two pieces. */
  readonly body: string | Uint8Array | readonly (string | Uint8Array)[];
  readonly fault?: string;
}

export type ScriptedReply = ScriptedAnswer | ScriptedBytes;

export function isScriptedBytes(reply: ScriptedReply): reply is ScriptedBytes {
  return 'body' in reply;
}
