import { asArray, asNumber, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { decodeMessages } from './messages.ts';
import { decodeThinking } from './reasoning.ts';
import { decodeResponseFormat } from './response-format.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';
import { decodedRequestKeys, withExtensions } from './wire.ts';

/** Cohere's streams always report usage. */
export function envelope(body: JsonObject, origin: RequestOrigin): RequestEnvelope {
  return { model: body.model ?? origin.model, stream: body.stream ?? origin.stream, includeUsage: true };
}

/**
 * https://docs.cohere.com/reference/chat
 * @throws GatewayError `invalid_request` naming the parameter
 */
export function decodeRequest(body: JsonObject, origin: RequestOrigin): ChatRequest {
  const model = asString(body.model) ?? origin.model;
  if (model === undefined || model === '') throw refusal('model', 'is required');
  const messages = decodeMessages(body.messages);
  const tools = decodeTools(body);
  const toolChoice = decodeToolChoice(body.tool_choice);
  const responseFormat = decodeResponseFormat(body.response_format);
  const reasoning = decodeThinking(body.thinking);
  return {
    model,
    messages,
    ...(tools !== undefined && { tools }),
    ...(toolChoice !== undefined && { toolChoice }),
    ...decodeLimits(body),
    ...(body.logprobs === true && { logprobs: true }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(reasoning !== undefined && { reasoning }),
    stream: body.stream === true || (body.stream === undefined && origin.stream === true),
    includeUsage: true,
    ...withExtensions(givenMembers(body, decodedRequestKeys)),
  };
}

function decodeLimits(body: JsonObject) {
  const maxOutputTokens = number(body, 'max_tokens');
  const temperature = number(body, 'temperature');
  const topP = number(body, 'p');
  const topK = number(body, 'k');
  const presencePenalty = number(body, 'presence_penalty');
  const frequencyPenalty = number(body, 'frequency_penalty');
  const seed = number(body, 'seed');
  const stop = decodeStop(body.stop_sequences);
  return {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(presencePenalty !== undefined && { presencePenalty }),
    ...(frequencyPenalty !== undefined && { frequencyPenalty }),
    ...(seed !== undefined && { seed }),
    ...(stop !== undefined && { stop }),
  };
}

function number(body: JsonObject, key: string): number | undefined {
  const value = body[key];
  if (value != null && asNumber(value) === undefined) throw refusal(key, 'must be a number');
  return asNumber(value);
}

function decodeStop(stop: JsonValue | undefined): readonly string[] | undefined {
  if (stop == null) return undefined;
  const sequences = asArray(stop).filter((sequence) => typeof sequence === 'string');
  if (!Array.isArray(stop) || sequences.length < stop.length) throw refusal('stop_sequences', 'must be strings');
  return sequences;
}
