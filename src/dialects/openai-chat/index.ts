import { serverSentEvents } from '../../wire/sse-framing.ts';
import type { Dialect } from '../dialect.ts';
import { decodeError } from './error.ts';
import { profilesOf, resolveVariant } from './model-profile.ts';
import { passThrough } from './pass-through.ts';
import { decodeRequest, envelope } from './request-decode.ts';
import { encodeRequest } from './request-encode.ts';
import { decodeAnswer } from './response-decode.ts';
import { encodeAnswer } from './response-encode.ts';
import { inspectAnswer } from './response-inspect.ts';
import { OpenAIStreamDecoder } from './stream-decoder.ts';
import { OpenAIStreamEncoder } from './stream-encoder.ts';
import { decodeUsage, encodeUsage } from './usage.ts';
import type { OpenAIChatVariant } from './variant.ts';

export {
  type InstructionRoles,
  type MaxTokensField,
  type ModelRule,
  type OpenAIChatVariant,
  openaiParameters,
  type ReasoningParameter,
} from './variant.ts';

/**
 * OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat), and through `variant` everything
 * that is modelled on them.
 */
export function openaiChat(variant: OpenAIChatVariant = {}): Dialect {
  const resolved = resolveVariant(variant);
  const profileOf = profilesOf(resolved);
  return {
    name: 'openai-chat',
    request: {
      envelope,
      decode: (body, origin) => decodeRequest(body, origin, resolved),
      encode: (request, target) => encodeRequest(request, target, profileOf(target.model)),
      passThrough: (body, target) => passThrough(body, target, profileOf(target.model)),
    },
    response: {
      decode: (body) => decodeAnswer(body, resolved),
      inspect: (body) => inspectAnswer(body, resolved),
      encode: encodeAnswer,
    },
    stream: {
      framing: serverSentEvents,
      decoder: () => new OpenAIStreamDecoder(resolved),
      encoder: (reply) => new OpenAIStreamEncoder(reply),
    },
    error: { decode: decodeError },
    usage: {
      decode: (usage) => decodeUsage(usage, resolved),
      encode: (usage) => encodeUsage(usage),
    },
  };
}
