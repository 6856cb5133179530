import { serverSentEvents } from '../../wire/sse-framing.ts';
import type { Dialect } from '../dialect.ts';
import { decodeError } from './error.ts';
import { isOutOfReach } from './media.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, encodeRequest, envelope } from './request.ts';
import { decodeResponse, encodeResponse } from './response.ts';
import { GeminiStreamDecoder } from './stream.ts';
import { GeminiStreamEncoder } from './stream-encoder.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { type GeminiVariant, resolveVariant, traitsOf } from './variant.ts';

export type { GeminiVariant } from './variant.ts';

/**
 * Google's `generateContent` and `streamGenerateContent?alt=sse`, as the Gemini API and Vertex AI speak it. The path
 * names the model and whether the answer is streamed.
 *
 * https://ai.google.dev/api/generate-content
 */
export function gemini(variant?: GeminiVariant): Dialect {
  const resolved = resolveVariant(variant);
  return {
    name: 'gemini',
    request: {
      envelope,
      decode: decodeRequest,
      encode: (request, target) => encodeRequest(request, target, resolved),
      needsBytes: (source, target) => isOutOfReach(source, traitsOf(target.model, resolved)),
      passThrough: (body, target) => passThrough(body, target, resolved),
    },
    response: { decode: decodeResponse, encode: encodeResponse },
    stream: {
      framing: serverSentEvents,
      decoder: () => new GeminiStreamDecoder(),
      encoder: (reply) => new GeminiStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: { decode: decodeUsage, encode: (usage) => encodeUsage(usage) },
  };
}
