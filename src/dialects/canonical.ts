import type { DialectName } from '../core/dialect-name.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Usage } from '../core/usage.ts';

/*
 * The provider-agnostic conversation. Every dialect decodes into it and encodes from it, so N dialects need N codecs.
 * All of it is immutable: a codec never changes what it was given.
 */

/**
 * What a dialect has and the canonical form has not, under the dialect's own wire names. It comes back when the target
 * speaks the same dialect; otherwise the encoder reports it as dropped.
 */
export type Extensions = { readonly [Name in DialectName]?: JsonObject };

/** Opaque provider state (signatures, encrypted reasoning): passed back byte for byte, and only to whom it came from. */
export interface Opaque {
  readonly dialect: DialectName;
  readonly value: string;
}

// ---- Requests ----

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

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool';

/** One turn. `tool` messages hold `tool-result` parts only; `tool-call` and `reasoning` parts stand in `assistant` ones. */
export interface Message {
  readonly role: Role;
  readonly parts: readonly Part[];
  readonly name?: string;
  readonly extensions?: Extensions;
}

export type Part =
  | TextPart
  | ImagePart
  | FilePart
  | AudioPart
  | ReasoningPart
  | RefusalPart
  | ToolCallPart
  | ToolResultPart
  | ExtensionPart;

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
  /** Gemini signs text parts too, also empty ones. */
  readonly signature?: Opaque;
  readonly extensions?: Extensions;
}

/** Bytes in the request, or where the provider finds them. */
export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** An id in the provider's own file store. */
  | { readonly kind: 'file-id'; readonly id: string; readonly mediaType?: string };

export interface ImagePart {
  readonly type: 'image';
  readonly source: MediaSource;
  readonly detail?: string;
  readonly extensions?: Extensions;
}

/** A document, e.g. a PDF. */
export interface FilePart {
  readonly type: 'file';
  readonly source: MediaSource | { readonly kind: 'text'; readonly text: string; readonly mediaType?: string };
  readonly filename?: string;
  readonly extensions?: Extensions;
}

export interface AudioPart {
  readonly type: 'audio';
  readonly source: MediaSource;
  readonly extensions?: Extensions;
}

/** The model's thinking. `redacted` is thinking the provider shows only in encrypted form; `text` is then empty. */
export interface ReasoningPart {
  readonly type: 'reasoning';
  readonly text: string;
  readonly signature?: Opaque;
  readonly redacted?: Opaque;
  readonly extensions?: Extensions;
}

export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export interface ToolCallPart {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** JSON text as the model wrote it: may be cut off, never re-serialised. No arguments at all is `{}`. */
  readonly arguments: string;
  readonly signature?: Opaque;
  readonly extensions?: Extensions;
}

export interface ToolResultPart {
  readonly type: 'tool-result';
  readonly toolCallId: string;
  /** Known where the dialect names the tool in its results (Gemini); else look the call up by its id. */
  readonly toolName?: string;
  readonly content: readonly (TextPart | ImagePart | FilePart | ExtensionPart)[];
  /** The result as an object where the dialect sends one (Gemini); `content` then holds its JSON text. */
  readonly structured?: JsonObject;
  readonly isError?: boolean;
  readonly extensions?: Extensions;
}

/** A part only one dialect knows (server tools, citations blocks, ...), kept whole under its wire form. */
export interface ExtensionPart {
  readonly type: 'extension';
  readonly dialect: DialectName;
  readonly data: JsonObject;
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

// ---- Answers ----

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface ChatAnswer {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970, where the provider says. */
  readonly created?: number;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly extensions?: Extensions;
}

export interface Choice {
  readonly index: number;
  /** Reasoning, text, refusal, tool-call and extension parts in the order the model produced them. */
  readonly parts: readonly Part[];
  readonly finishReason: FinishReason;
  /** The provider's own word. */
  readonly rawFinishReason?: string;
  /** The stop sequence that fired, where the provider says. */
  readonly stopSequence?: string;
  /** In OpenAI's form. */
  readonly logprobs?: JsonValue;
  readonly extensions?: Extensions;
}

// ---- Streams ----

/**
 * One step of a streamed answer. Per choice, parts come one after another; a `*-delta` continues the part of its kind
 * that is open, or opens one. `part-end` closes the open text or reasoning part and may sign it. Tool calls are
 * numbered from 0 per choice and may overlap. `finish` comes once per choice, `usage` at most once, last-wins already
 * applied. `done` is the provider's end marker: a stream that ends without it was cut.
 */
export type ChatEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string; readonly created?: number }
  | { readonly type: 'text-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'part-end'; readonly choice: number; readonly signature?: Opaque }
  /** A whole redacted reasoning part. */
  | { readonly type: 'reasoning-redacted'; readonly choice: number; readonly redacted: Opaque }
  | {
      readonly type: 'tool-call-start';
      readonly choice: number;
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: Opaque;
    }
  | { readonly type: 'tool-call-delta'; readonly choice: number; readonly index: number; readonly arguments: string }
  | { readonly type: 'tool-call-end'; readonly choice: number; readonly index: number }
  /** A whole part only one dialect knows. */
  | { readonly type: 'extension-part'; readonly choice: number; readonly part: ExtensionPart }
  /** Fields of the answer (or of a choice) that only one dialect knows; later values replace earlier ones per field. */
  | { readonly type: 'extension'; readonly choice?: number; readonly dialect: DialectName; readonly data: JsonObject }
  /** In OpenAI's form, `{content: [...], refusal: [...]}`; the arrays of one choice add up. */
  | { readonly type: 'logprobs'; readonly choice: number; readonly logprobs: JsonObject }
  | {
      readonly type: 'finish';
      readonly choice: number;
      readonly reason: FinishReason;
      readonly rawReason?: string;
      readonly stopSequence?: string;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The provider reported a failure inside the stream. Nothing follows it. */
  | { readonly type: 'error'; readonly fault: UpstreamFault }
  | { readonly type: 'done' };

// ---- Faults ----

/** Why an attempt failed, in the words failover decides on. */
export type FaultKind =
  /** 429: out of rate, worth waiting. */
  | 'rate_limit'
  /** 402, `insufficient_quota`, billing: waiting does not help. */
  | 'quota'
  | 'timeout'
  /** 5xx, 529 and overloads. */
  | 'server_error'
  | 'connection'
  /** 401/403: the provider refuses our credential. */
  | 'auth'
  | 'context_window'
  | 'content_filter'
  /** 404: the provider does not know the model (or the path). */
  | 'model_not_found'
  /** The caller's own mistake: any other 4xx. */
  | 'invalid_request'
  /** The answer broke off, could not be read, or was no answer at all. */
  | 'invalid_response';

/** A provider's failure as the dialect read it. */
export interface UpstreamFault {
  readonly kind: FaultKind;
  /** The provider's text with everything that looks like a credential or an account id masked; may be empty. */
  readonly message: string;
  /** HTTP status; absent for a failure inside a 200 stream that named none. */
  readonly status?: number;
  /** The provider's own code or type, e.g. `overloaded_error`. */
  readonly code?: string;
  /** The parameter the provider blames. */
  readonly param?: string;
  /** Milliseconds the provider asks to wait, from headers or body. */
  readonly retryAfterMs?: number;
}
