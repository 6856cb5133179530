import { asObject, asString, parseObject } from '../../../core/json.ts';
import type { Usage } from '../../../core/usage.ts';
import { serverSentEventsUpTo } from '../../../wire/sse-framing.ts';
import type { ChatEvent } from '../../canonical.ts';
import type { Dialect, StreamDecoder, StreamEncoder, WireEvent } from '../../dialect.ts';
import { decodeInBandError } from '../../openai-chat/error.ts';
import { decodeUsage } from './response.ts';

/** Bytes of one frame, which holds a whole picture in base64. */
const maxFrameBytes = 64 * 1024 * 1024;

const framing = serverSentEventsUpTo(maxFrameBytes);

/**
 * The dialect with OpenAI's stream of pictures in place of its stream of chat. It is read for its end, its usage and its
 * failures, and goes to callers as it came: https://platform.openai.com/docs/api-reference/images-streaming
 */
export function withImageStream(dialect: Dialect): Dialect {
  return {
    ...dialect,
    stream: {
      framing,
      decoder: () => new ImageStreamDecoder(),
      encoder: (reply) => imageStreamEncoder(dialect.stream.encoder(reply)),
    },
  };
}

class ImageStreamDecoder implements StreamDecoder {
  #usage: Usage | undefined;
  #completed = false;
  #done = false;

  push({ data }: WireEvent, out: ChatEvent[]): boolean {
    if (data === '[DONE]') {
      this.end(out);
      return false;
    }
    const body = parseObject(data);
    const fault = body && decodeInBandError(body);
    if (body === undefined || fault !== undefined) {
      out.push({ type: 'error', fault: fault ?? { kind: 'invalid_response', message: '', code: 'bad_json' } });
      return false;
    }
    if (asString(body.b64_json) !== undefined) {
      // What is in it is the caller's business; that it is there is ours.
      out.push({ type: 'extension-part', choice: 0, part: { type: 'extension', dialect: 'openai-chat', data: {} } });
    }
    if (body.type === 'image_generation.completed') {
      this.#completed = true;
      this.#add(decodeUsage(asObject(body.usage) ?? {}));
    }
    return false;
  }

  end(out: ChatEvent[]): void {
    if (!this.#completed || this.#done) return;
    this.#done = true;
    out.push({ type: 'finish', choice: 0, reason: 'stop' });
    if (this.#usage !== undefined) out.push({ type: 'usage', usage: this.#usage });
    out.push({ type: 'done' });
  }

  /** Each picture counts for itself. */
  #add(usage: Usage | undefined): void {
    if (usage === undefined) return;
    this.#usage = {
      inputTokens: (this.#usage?.inputTokens ?? 0) + usage.inputTokens,
      outputTokens: (this.#usage?.outputTokens ?? 0) + usage.outputTokens,
    };
  }
}

/** Nothing is written into such a stream but the error that breaks it. */
function imageStreamEncoder(chat: StreamEncoder): StreamEncoder {
  return { contentType: chat.contentType, encode: () => '', fail: (error) => chat.fail(error) };
}
