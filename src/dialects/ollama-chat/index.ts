import { newlineDelimitedJson } from '../../wire/ndjson-framing.ts';
import type { Dialect } from '../dialect.ts';
import { encodeRequest } from './encode-request.ts';
import { OllamaStreamEncoder } from './encode-stream.ts';
import { decodeError } from './error.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, envelope } from './request.ts';
import { decodeAnswer, encodeAnswer } from './response.ts';
import { OllamaStreamDecoder } from './stream.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import { dialect } from './wire.ts';

/**
 * Ollama's own chat API, `POST /api/chat`: https://docs.ollama.com/api/chat. There is one implementation of it, so there
 * are no variants.
 */
export function ollamaChat(): Dialect {
  return {
    name: dialect,
    request: {
      envelope,
      decode: decodeRequest,
      encode: encodeRequest,
      needsBytes: (source) => source.kind === 'url' && !source.url.startsWith('data:'),
      passThrough,
    },
    response: { decode: decodeAnswer, encode: encodeAnswer },
    stream: {
      framing: newlineDelimitedJson,
      decoder: () => new OllamaStreamDecoder(),
      encoder: (reply) => new OllamaStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: { decode: decodeUsage, encode: encodeUsage },
  };
}
