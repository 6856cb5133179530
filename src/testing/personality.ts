import type { DialectName } from '../core/dialect-name.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Answer, Prompt } from './speech/prompt.ts';
import type { Frame } from './wire-reply.ts';

/** The wire formats a fake provider speaks. */
export type PlayedDialect = Extract<
  DialectName,
  | 'openai-chat'
  | 'openai-responses'
  | 'anthropic-messages'
  | 'gemini'
  | 'bedrock-converse'
  | 'ollama-chat'
  | 'cohere-chat'
>;

/** One vendor's API as the fake provider plays it: what it demands of a request and how it answers. */
export interface Personality {
  readonly dialect: PlayedDialect;
  /** What the paths of this API begin with. */
  readonly pathPrefix: string;
  /** The path of the base URL that the vendor's own clients take: for some the version belongs to it, for some not. */
  readonly basePath: string;
  /** What a request wants of this API; `undefined` when the path is none of its own. */
  route(request: WireRequest): Route | undefined;
  /** Why the vendor refuses the request's credential. */
  refuseCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined;
  /** Why the vendor refuses the request, in the vendor's own order of checks. */
  refuseRequest(request: WireRequest, route: ChatRoute): Refusal | undefined;
  /** @param body of a request that `refuseRequest` let pass */
  readPrompt(body: JsonObject, route: ChatRoute): Prompt;
  /** The answer as one JSON body. */
  whole(answer: Answer, body: JsonObject): JsonObject;
  /** The answer as the events of a stream. */
  stream(answer: Answer, body: JsonObject): readonly StreamEvent[];
  /** How events are written down. */
  framing(route: ChatRoute): StreamFraming;
  models(names: readonly string[]): JsonObject;
  /** What the vendor says to a model name's fault such as `e429`. */
  refusal(fault: RefusalFault): Refusal;
  /** The JSON body of an error answer. */
  errorBody(refusal: Refusal, requestId: string): JsonObject;
  /** What the vendor sends as the failure of a stream that had begun well. */
  inbandError(): StreamEvent;
  /** Headers on every answer. */
  headers(requestId: string): Readonly<Record<string, string>>;
  /** Where the vendor puts a hint when to come back. */
  retryHint(refusal: Refusal, seconds: number): Refusal;
}

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed body, `undefined` when it is no JSON. */
  readonly json: JsonValue | undefined;
}

export type Route = { readonly operation: 'models' } | ChatRoute | WholeRoute;

/** Anything else that has one JSON answer and no stream: embeddings, images, counts of tokens. */
export interface WholeRoute {
  readonly operation: 'count-tokens' | 'embeddings' | 'images';
  /** From the path or the body; empty when there is none. */
  readonly model: string;
  /** Why the vendor refuses the request. */
  refuse(request: WireRequest): Refusal | undefined;
  /** @param body of a request that `refuse` let pass */
  answer(body: JsonObject): JsonValue;
}

export interface ChatRoute {
  readonly operation: 'chat';
  /** From the path or the body; empty when there is none. */
  readonly model: string;
  readonly stream: boolean;
  readonly query: URLSearchParams;
}

/** An error answer in no vendor's shape yet. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  /** OpenAI and Anthropic: `error.type`; Gemini: `error.status`. */
  readonly type?: string;
  readonly code?: string;
  readonly param?: string;
  /** Gemini's `error.details`. */
  readonly details?: readonly JsonObject[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Gemini stops a prompt with status 200: the body to send in place of an error's. */
  readonly body?: JsonObject;
}

/** Faults that are an error answer. */
export type RefusalFault = 'quota' | 'context_window' | 'content_filter' | { readonly status: number };

/** One event of a stream, before it is framed. */
export interface StreamEvent {
  readonly kind: Frame['kind'];
  /** SSE `event:` line, where the vendor sends one. */
  readonly event?: string;
  /** JSON of the `data:` line, or a literal such as `[DONE]`. */
  readonly data: JsonObject | string;
}

export interface StreamFraming {
  readonly contentType: string;
  /** The events as frames; a vendor may need to know which is the first and which the last (a JSON array). */
  frames(events: readonly StreamEvent[]): readonly Frame[];
  /** What keeps the connection busy and means nothing. */
  readonly comment: string | Uint8Array;
}
