import { serverSentEvents } from '../../wire/sse-framing.ts';
import type { Dialect } from '../dialect.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeAnswer } from './encode-response.ts';
import { ResponsesStreamEncoder } from './encode-stream.ts';
import { decodeError } from './error.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, envelope } from './request.ts';
import { decodeAnswer, inspectAnswer } from './response.ts';
import { ResponsesStreamDecoder } from './stream.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { type OpenAIResponsesVariant, profilesOf, usualLeastOutputTokens } from './variant.ts';

export { type OpenAIResponsesVariant, type ResponsesModelRule, responsesParameters } from './variant.ts';

/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses */
export function openaiResponses(variant: OpenAIResponsesVariant = {}): Dialect {
  const profileOf = profilesOf(variant);
  return {
    name: 'openai-responses',
    request: {
      envelope,
      decode: decodeRequest,
      encode: (request, target) => encodeRequest(request, target, profileOf(target.model)),
      leastOutputTokens: variant.leastOutputTokens ?? usualLeastOutputTokens,
      passThrough: (body, target) => passThrough(body, target, profileOf(target.model)),
    },
    response: { decode: decodeAnswer, inspect: inspectAnswer, encode: encodeAnswer },
    stream: {
      framing: serverSentEvents,
      decoder: () => new ResponsesStreamDecoder(),
      encoder: (reply) => new ResponsesStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: { decode: decodeUsage, encode: (usage) => encodeUsage(usage) },
  };
}
