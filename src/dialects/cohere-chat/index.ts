import { serverSentEvents } from '../../wire/sse-framing.ts';
import type { Dialect } from '../dialect.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeAnswer } from './encode-response.ts';
import { CohereStreamEncoder } from './encode-stream.ts';
import { decodeError } from './error.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, envelope } from './request.ts';
import { decodeAnswer } from './response.ts';
import { CohereStreamDecoder } from './stream.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import type { CohereVariant } from './variant.ts';
import { dialect } from './wire.ts';

export type { CohereVariant } from './variant.ts';

/** The second version of Cohere's chat API: https://docs.cohere.com/reference/chat. The first one is not spoken. */
export function cohereChat(variant: CohereVariant = {}): Dialect {
  return {
    name: dialect,
    request: {
      envelope,
      decode: decodeRequest,
      encode: (request, target) => encodeRequest(request, target, variant),
      passThrough: (body, target) => passThrough(body, target, variant),
    },
    response: { decode: decodeAnswer, encode: encodeAnswer },
    stream: {
      framing: serverSentEvents,
      decoder: () => new CohereStreamDecoder(),
      encoder: (reply) => new CohereStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: { decode: decodeUsage, encode: (usage) => encodeUsage(usage) },
  };
}
