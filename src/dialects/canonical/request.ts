import type { DialectName } from '../../core/dialect-name.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Message } from './message.ts';
import type { Extensions } from './opaque.ts';

export interface ChatRequest {
  /** The model as the caller named it; the target's own name replaces it when the request is encoded. */
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
  /** Upper bound of generated tokens, reasoning included. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly presencePenalty?: number;
  readonly frequencyPenalty?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
  /** How many answers to generate. */
  readonly choiceCount?: number;
  readonly logprobs?: boolean;
  readonly topLogprobs?: number;
  readonly responseFormat?: ResponseFormat;
  readonly reasoning?: ReasoningOptions;
  /** The caller's own id of its end user. */
  readonly user?: string;
  readonly stream: boolean;
  /** Whether the caller asked for usage inside the stream. Meaningless when `stream` is false. */
  readonly includeUsage: boolean;
  readonly extensions?: Extensions;
}

/** A function the model may call. */
export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; absent when the function takes none. */
  readonly parameters?: JsonObject;
  readonly strict?: boolean;
  readonly extensions?: Extensions;
}

/** A tool the provider runs itself (web search, code execution, ...), kept whole under its wire form. */
export interface ProviderTool {
  readonly type: 'provider';
  readonly dialect: DialectName;
  readonly data: JsonObject;
}

export type Tool = FunctionTool | ProviderTool;

export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  /** At least one tool, of the named ones where names are given. */
  | { readonly type: 'required'; readonly names?: readonly string[] }
  /** Any of these, or none. */
  | { readonly type: 'allowed'; readonly names: readonly string[] }
  | { readonly type: 'tool'; readonly name: string };

export type ResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema';
      readonly name?: string;
      readonly description?: string;
      readonly schema: JsonObject;
      readonly strict?: boolean;
    };

export interface ReasoningOptions {
  /** Off means: do not think. */
  readonly enabled?: boolean;
  /** `minimal`, `low`, `medium`, `high`, ...: open, because providers add words. */
  readonly effort?: string;
  readonly budgetTokens?: number;
  /** Whether the caller wants to see the thinking. */
  readonly includeText?: boolean;
}
