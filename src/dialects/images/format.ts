import type { RequestOrigin } from '../../core/inbound.ts';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { UpstreamFault } from '../canonical/fault.ts';
import type { ImageAnswer, ImageRequest } from '../canonical/image.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';

/** A wire format for making pictures. */
export type ImageFormatName = 'openai' | 'gemini' | 'imagen' | 'together';

/** One wire format as providers speak it. A provider that deviates from it is a variant: data given to the factory. */
export interface ImageFormat {
  readonly name: ImageFormatName;
  encode(request: ImageRequest, target: EncodeTarget): EncodedRequest;
  /** @throws GatewayError `upstream_invalid_response` when the body is no answer */
  decode(body: JsonValue): DecodedImages;
  /**
   * Where callers speak it, too: top-level members to replace or remove for their request to go through as it is;
   * `undefined` when it has to be rewritten.
   */
  passThrough?(body: JsonObject, target: EncodeTarget): readonly Splice[] | undefined;
}

export type DecodedImages = { readonly answer: ImageAnswer } | { readonly fault: UpstreamFault };

/** One wire format as callers speak it to us. */
export interface ImageCaller {
  readonly format: ImageFormatName;
  /** @throws GatewayError `invalid_request` with `param` when the body cannot mean a request */
  decode(body: JsonObject, origin: RequestOrigin): ImageRequest;
  encode(answer: ImageAnswer, reply: ImageReply): JsonObject;
}

export interface ImageReply {
  /** Seconds since 1970 to use when the provider gave no time. */
  readonly created: number;
}
