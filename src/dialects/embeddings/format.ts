import type { RequestOrigin } from '../../core/inbound.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EmbeddingAnswer, EmbeddingRequest } from '../canonical/embedding.ts';
import type { UpstreamFault } from '../canonical/fault.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';

/** A wire format for embeddings. */
export type EmbeddingFormatName =
  | 'openai'
  | 'gemini'
  | 'vertex-predict'
  | 'cohere'
  | 'ollama'
  | 'titan'
  | 'nova'
  | 'feature-extraction';

/** One wire format as providers speak it. A provider that deviates from it is a variant: data given to the factory. */
export interface EmbeddingFormat {
  readonly name: EmbeddingFormatName;
  /** @throws GatewayError when the format cannot say the request at all: token ids, a picture, what is `nativeOnly` */
  encode(request: EmbeddingRequest, target: EncodeTarget): EncodedRequest;
  /** @throws GatewayError `upstream_invalid_response` when the body is no answer to the request */
  decode(body: JsonValue, request: EmbeddingRequest): DecodedEmbeddings;
  /** Where callers speak it, too: how their request and its answer go through as they are. */
  readonly passThrough?: EmbeddingPassThrough;
}

export interface EmbeddingPassThrough {
  /** Top-level members to replace or remove; `undefined` when the request has to be rewritten. */
  request(body: JsonObject, target: EncodeTarget): readonly Splice[] | undefined;
  /** What must be known of an answer that passes through, without reading its numbers. */
  answer(body: JsonValue, asked: JsonObject): InspectedEmbeddings;
}

export type DecodedEmbeddings = { readonly answer: EmbeddingAnswer } | { readonly fault: UpstreamFault };

export type InspectedEmbeddings =
  | {
      readonly vectors: number;
      /** Whether the vectors are written the way the caller asked for. */
      readonly asAsked: boolean;
      readonly usage?: Usage | undefined;
    }
  | { readonly fault: UpstreamFault };

/** One wire format as callers speak it to us. */
export interface EmbeddingCaller {
  readonly format: EmbeddingFormatName;
  /** @throws GatewayError `invalid_request` with `param` when the body cannot mean a request */
  decode(body: JsonObject, origin: RequestOrigin): EmbeddingRequest;
  encode(answer: EmbeddingAnswer, reply: EmbeddingReply): JsonObject;
}

export interface EmbeddingReply {
  /** The model that served, as the caller will read it. */
  readonly model: string;
  /** Id to use where the format has one. */
  readonly id: string;
  /** What the caller sent: it says how vectors are to be written. */
  readonly asked: JsonObject;
}
