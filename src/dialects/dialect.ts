import type { DialectName } from '../core/dialect-name.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import type { Usage } from '../core/usage.ts';
import type { Splice } from '../wire/splice-json.ts';
import type { ChatAnswer, ChatEvent, ChatRequest, FinishReason, UpstreamFault } from './canonical.ts';

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
    /** @throws GatewayError `invalid_request` with `param`, when the body cannot mean a request. */
    decode(body: JsonObject, origin: RequestOrigin): ChatRequest;
    encode(request: ChatRequest, target: EncodeTarget): EncodedRequest;
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

/** What the path says about a request, where a dialect keeps it out of the body (Gemini). */
export interface RequestOrigin {
  readonly model?: string;
  readonly stream?: boolean;
}

export interface EncodeTarget {
  /** The provider's own name of the model. */
  readonly model: string;
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
}

/** One server-sent event: what stood behind `event:` and the joined `data:` lines. */
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
}

export interface StreamEncoder {
  /** The text of the frames for this step, empty when it adds none. `done` gives the end marker. Errors are not encoded here. */
  encode(event: ChatEvent): string;
}

/** Case-insensitive access to response headers; several values are joined by `, `. */
export type HeaderReader = (name: string) => string | undefined;
