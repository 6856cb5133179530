import type { DialectName } from '../core/dialect-name.ts';
import type { GatewayError } from '../core/errors.ts';
import type { RequestOrigin } from '../core/inbound.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Usage } from '../core/usage.ts';
import type { Splice } from '../wire/splice-json.ts';
import type { StreamFraming } from '../wire/stream-framing.ts';
import type { ChatAnswer, ChatEvent, ChatRequest, FinishReason, MediaSource, UpstreamFault } from './canonical.ts';

/**
 * One wire format, both ways. A provider that deviates from it is a variant: data given to the dialect's factory, e.g.
 * `openaiChat({ maxTokensField: 'max_tokens' })`.
 *
 * Laws, checked for every dialect by one contract suite: input is never mutated; the concatenated stream equals the
 * whole answer; exactly one finish reason per choice; usage at most once; an unknown finish reason becomes `stop` and
 * its raw value is kept; an unknown event is ignored and a malformed one is an error; decode then encode in the same
 * dialect loses nothing; everything an encoder cannot express is in `dropped`.
 */
export interface Dialect {
  readonly name: DialectName;
  readonly request: {
    /** The few things the gateway itself must know of a request, read without decoding it and not yet checked. */
    envelope(body: JsonObject, origin: RequestOrigin): RequestEnvelope;
    /** @throws GatewayError `invalid_request` with `param`, when the body cannot mean a request. */
    decode(body: JsonObject, origin: RequestOrigin): ChatRequest;
    encode(request: ChatRequest, target: EncodeTarget): EncodedRequest;
    /** Fewest generated tokens a bound may name: a lower one is raised to it. @default 1 */
    readonly leastOutputTokens?: number;
    /**
     * Whether the target cannot get at media by this source itself and needs the bytes in the request. Asked of URLs
     * before `encode`, which refuses what nobody has replaced. @default never
     */
    needsBytes?(source: MediaSource, target: EncodeTarget): boolean;
    /**
     * How a caller's body in this dialect may go to the provider as it is, apart from these top-level members, which are
     * replaced or (`undefined`) removed: the model's name, `stream_options` so that usage is reported, the gateway's own
     * fields. `undefined` when it may not: a top-level key the provider does not accept, or anything that needs
     * rewriting. Must be cheap; when in doubt, `undefined`.
     */
    passThrough(body: JsonObject, target: EncodeTarget): readonly Splice[] | undefined;
  };
  readonly response: {
    /** @throws GatewayError `upstream_invalid_response` when the body is no answer. An error body inside a 200 is reported as `fault`. */
    decode(body: JsonValue): DecodedAnswer;
    /**
     * What must be known of an answer that passes through; the same verdict as `decode` at a fraction of its cost. Only
     * where that is worth having.
     */
    inspect?(body: JsonValue): InspectedAnswer;
    encode(answer: ChatAnswer, reply: ReplyContext): JsonObject;
  };
  readonly stream: {
    /** How this dialect's streams are framed. */
    readonly framing: StreamFraming;
    decoder(): StreamDecoder;
    encoder(reply: ReplyContext): StreamEncoder;
  };
  readonly error: {
    /** Reads any error answer: JSON of this or another shape, HTML, empty. Never throws. */
    decode(status: number, headers: HeaderReader, body: Uint8Array): UpstreamFault;
  };
  readonly usage: {
    decode(usage: JsonObject): Usage | undefined;
    encode(usage: Usage): JsonObject;
  };
}

export type { RequestOrigin } from '../core/inbound.ts';

/** What the gateway must know of a request. `model` and `stream` are as the caller wrote them, or from the path. */
export interface RequestEnvelope {
  readonly model: JsonValue | undefined;
  readonly stream: JsonValue | undefined;
  /** Whether the caller wants usage inside a stream; true where the dialect always has it. */
  readonly includeUsage: boolean;
}

export interface EncodeTarget {
  /** The provider's own name of the model. */
  readonly model: string;
  /**
   * Upper bound of generated tokens, reasoning included, that nothing may raise: it has been paid for. A body that passes
   * through has it spliced in, in place of the caller's own; a dialect that cannot do so lets the body be encoded, where
   * the request itself says it as well.
   */
  readonly maxOutputTokens?: number;
}

export interface EncodedRequest {
  readonly body: JsonObject;
  /** Parameters of the request the target cannot take, by the names OpenAI callers use (`logprobs`, `seed`, ...). */
  readonly dropped: readonly string[];
}

/** An answer, or the failure a provider wrapped in a 200. */
export type DecodedAnswer = { readonly answer: ChatAnswer } | { readonly fault: UpstreamFault };

/** The part of an answer that accounting needs, or the failure a provider wrapped in a 200. */
export type InspectedAnswer =
  | { readonly finishReason: FinishReason; readonly usage?: Usage | undefined }
  | { readonly fault: UpstreamFault };

export interface ReplyContext {
  /** The model that served, as the caller will read it. */
  readonly model: string;
  /** Id to use when the provider gave none. */
  readonly fallbackId: string;
  /** Seconds since 1970 to use when the provider gave no time. */
  readonly created: number;
  /** Whether the caller asked for usage inside the stream. */
  readonly includeUsage: boolean;
  /** What the request's path said. @default nothing */
  readonly origin?: RequestOrigin;
  /** Who serves the call, for dialects that say so in their answers. */
  readonly served?: Served;
}

export interface Served {
  /** Name of the provider. */
  readonly provider: string;
  /** Milliseconds since the call arrived. */
  elapsed(): number;
  /** What the answer cost in US dollars; null where no price is known. Absent where nobody keeps prices. */
  readonly costUsd?: (usage: Usage) => number | null;
}

/** One frame of a stream as its framing read it: of server-sent events what stood behind `event:` and the joined `data:` lines. */
export interface WireEvent {
  readonly event: string | undefined;
  readonly data: string;
}

export interface StreamDecoder {
  /**
   * Appends what the event means to `out`: nothing, one or several steps. A malformed event appends an `error`.
   * Returns true when the event carries usage alone (the frame a caller who did not ask for usage must not see).
   */
  push(event: WireEvent, out: ChatEvent[]): boolean;
  /**
   * The provider closed the stream. Appends what was held back, and `done` when this dialect's streams end that way
   * (Gemini, and OpenAI-compatible servers that finish without `[DONE]`) and this one was complete.
   */
  end(out: ChatEvent[]): void;
  /**
   * What the provider has said of usage before its last word, for a stream that breaks off: Anthropic counts the prompt
   * in its first event; Gemini, xAI and Perplexity count in every one.
   */
  readonly usageSoFar?: Usage | undefined;
  /** How often it has said that. What comes after the last time is not in it. */
  readonly usageReports?: number;
}

export interface StreamEncoder {
  /** Media type of the stream it writes. */
  readonly contentType: string;
  /** The frames for this step, empty when it adds none: text, or bytes in a binary framing. `done` gives the end marker. */
  encode(event: ChatEvent): string | Uint8Array;
  /**
   * The last frame of a broken stream: the dialect's own error event, after which the connection is destroyed. It must
   * make the vendor's own client raise an error. Nothing else may have been encoded before it when the provider's bytes
   * pass through.
   */
  fail(error: GatewayError): string | Uint8Array;
}

/** Case-insensitive access to response headers; several values are joined by `, `. */
export type HeaderReader = (name: string) => string | undefined;
