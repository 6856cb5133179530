import { serverSentEvents } from '../../wire/sse-framing.ts';
import type { Dialect } from '../dialect.ts';
import { encodeRequest } from './encode-request.ts';
import { encodeAnswer } from './encode-response.ts';
import { AnthropicStreamEncoder } from './encode-stream.ts';
import { decodeError } from './error.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, envelope } from './request.ts';
import { decodeAnswer } from './response.ts';
import { AnthropicStreamDecoder } from './stream.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import type { AnthropicVariant } from './variant.ts';
import { dialect } from './wire.ts';

export type { ModelTraits } from './models.ts';
export type { AnthropicVariant } from './variant.ts';

/** Anthropic's Messages API: https://platform.claude.com/docs/en/api/messages */
export function anthropicMessages(variant: AnthropicVariant = {}): Dialect {
  return {
    name: dialect,
    request: {
      envelope,
      decode: decodeRequest,
      encode: (request, target) => encodeRequest(request, target, variant),
      needsBytes: (source) =>
        variant.urlSources === 'refused' && source.kind === 'url' && !source.url.startsWith('data:'),
      passThrough: (body, target) => passThrough(body, target, variant),
    },
    response: { decode: decodeAnswer, encode: encodeAnswer },
    stream: {
      framing: serverSentEvents,
      decoder: () => new AnthropicStreamDecoder(),
      encoder: (reply) => new AnthropicStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: { decode: decodeUsage, encode: encodeUsage },
  };
}
