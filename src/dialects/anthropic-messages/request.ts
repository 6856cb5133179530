import { asArray, asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { decodeMessages } from './messages.ts';
import { decodeReasoning } from './reasoning.ts';
import { decodeResponseFormat } from './response-format.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';
import { decodedRequestKeys, withExtensions } from './wire.ts';

const userKeys: ReadonlySet<string> = new Set(['user_id']);

/** Anthropic's streams always report usage. */
export function envelope(body: JsonObject, origin: RequestOrigin): RequestEnvelope {
  return { model: body.model ?? origin.model, stream: body.stream ?? origin.stream, includeUsage: true };
}

/**
 * A request body, or the body of a host that names the model in the path.
 * https://platform.claude.com/docs/en/api/messages/create
 *
 * @throws GatewayError `invalid_request` naming the parameter
 */
export function decodeRequest(body: JsonObject, origin: RequestOrigin): ChatRequest {
  const model = asString(body.model) ?? origin.model;
  if (model === undefined || model === '') throw refusal('model', 'is required');
  const messages = decodeMessages(body.system, body.messages);
  const tools = decodeTools(body.tools);
  const responseFormat = decodeResponseFormat(body);
  const { reasoning, outputConfig } = decodeReasoning(body);
  const metadata = asObject(body.metadata);
  const user = asString(metadata?.user_id);
  return {
    model,
    messages,
    ...(tools !== undefined && { tools }),
    ...decodeToolChoice(body.tool_choice),
    ...decodeLimits(body),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(reasoning !== undefined && { reasoning }),
    ...(user !== undefined && { user }),
    stream: body.stream === true || (body.stream === undefined && origin.stream === true),
    includeUsage: true,
    ...withExtensions(ownFields(body, metadata, outputConfig)),
  };
}

function decodeLimits(body: JsonObject) {
  const maxOutputTokens = number(body, 'max_tokens');
  const temperature = number(body, 'temperature');
  const topP = number(body, 'top_p');
  const topK = number(body, 'top_k');
  return {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...decodeStop(body),
  };
}

function number(body: JsonObject, key: string): number | undefined {
  const value = body[key];
  if (value != null && asNumber(value) === undefined) throw refusal(key, 'must be a number');
  return asNumber(value);
}

function decodeStop({ stop_sequences: stop }: JsonObject): { readonly stop?: readonly string[] } {
  if (stop == null) return {};
  const sequences = asArray(stop).filter((sequence) => typeof sequence === 'string');
  if (!Array.isArray(stop) || sequences.length < stop.length) throw refusal('stop_sequences', 'must be strings');
  return { stop: sequences };
}

function ownFields(
  body: JsonObject,
  metadata: JsonObject | undefined,
  outputConfig: JsonObject | undefined,
): JsonObject | undefined {
  const moreMetadata = metadata && givenMembers(metadata, userKeys);
  const fields = {
    ...givenMembers(body, decodedRequestKeys),
    ...(moreMetadata !== undefined && { metadata: moreMetadata }),
    ...(outputConfig !== undefined && { output_config: outputConfig }),
  };
  return Object.keys(fields).length === 0 ? undefined : fields;
}
