import { awsEventStream } from '../../wire/aws-event-stream-framing.ts';
import type { Dialect } from '../dialect.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeAnswer } from './encode-response.ts';
import { BedrockStreamEncoder } from './encode-stream.ts';
import { decodeError } from './error.ts';
import { needsBytes } from './media.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, envelope } from './request.ts';
import { decodeAnswer } from './response.ts';
import { BedrockStreamDecoder } from './stream.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import type { BedrockVariant } from './variant.ts';
import { dialect } from './wire.ts';

export type { ModelTraits } from './models.ts';
export type { BedrockVariant } from './variant.ts';

/**
 * Converse and ConverseStream of Amazon Bedrock. The path names the model, percent-encoded, and says whether the answer is
 * streamed: `/model/{modelId}/converse`, `/model/{modelId}/converse-stream`.
 *
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 */
export function bedrockConverse(variant: BedrockVariant = {}): Dialect {
  return {
    name: dialect,
    request: {
      envelope,
      decode: decodeRequest,
      encode: (request, target) => encodeRequest(request, target, variant),
      needsBytes,
      passThrough: (body, target) => passThrough(body, target, variant),
    },
    response: { decode: decodeAnswer, encode: encodeAnswer },
    stream: {
      framing: awsEventStream,
      decoder: () => new BedrockStreamDecoder(),
      encoder: (reply) => new BedrockStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: { decode: decodeUsage, encode: encodeUsage },
  };
}
