import type { JsonObject } from '../../core/json.ts';

/** What a request asks for, whichever dialect it came in. */
export interface Prompt {
  readonly model: string;
  readonly stream: boolean;
  /** Text of the last turn. */
  readonly question: string;
  /** The results the last turn brings, where it brings tool results. */
  readonly toolResults: readonly string[];
  /** Words of everything the model reads: what the fake provider counts as input tokens. */
  readonly inputTokens: number;
  readonly images: number;
  readonly tools: readonly PromptTool[];
  readonly toolChoice: PromptToolChoice;
  readonly parallelToolCalls: boolean;
  readonly maxTokens: number | undefined;
  readonly stop: readonly string[];
  readonly choiceCount: number;
  /** `hidden` thinking shows in the token counts only. */
  readonly reasoning: 'none' | 'hidden' | 'visible';
  readonly format: PromptFormat;
}

export interface PromptTool {
  readonly name: string;
  /** JSON Schema (or Gemini's subset of it) of the arguments. */
  readonly schema: JsonObject;
}

export type PromptToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  | { readonly type: 'required'; readonly names?: readonly string[] };

export type PromptFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | { readonly type: 'schema'; readonly schema: JsonObject };

/** What the fake provider says, whichever dialect it says it in. */
export interface Answer {
  /** Unique per answer: letters and digits. */
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly choices: readonly AnswerChoice[];
  readonly usage: AnswerUsage;
  readonly usageMode: UsageMode;
}

export interface AnswerChoice {
  /** One delta of the stream each. */
  readonly reasoning: readonly string[];
  readonly text: readonly string[];
  readonly toolCalls: readonly AnswerToolCall[];
  readonly finish: AnswerFinish;
  readonly stopSequence: string | undefined;
}

export interface AnswerToolCall {
  /** Unique per call: letters and digits; each dialect puts its own prefix before it. */
  readonly id: string;
  readonly name: string;
  /** JSON text, one delta of the stream each. */
  readonly arguments: readonly string[];
}

export type AnswerFinish = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface AnswerUsage {
  readonly input: number;
  /** Reasoning included. */
  readonly output: number;
  readonly reasoning: number;
  readonly cacheRead: number;
}

/** How usage is reported; every word but `normal` is the fault of that name. */
export type UsageMode = 'normal' | 'dupusage' | 'nousage' | 'zerousage' | 'usage_on_choice' | 'cumulative';

/** The words of a text with the white space before them: one token each. */
export function words(text: string): readonly string[] {
  return text.match(/\s*\S+|\s+$/g) ?? [];
}
