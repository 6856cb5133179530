import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { otherMembers } from '../other-members.ts';
import { decodeMessages, refusal } from './messages.ts';
import { decodeModelFields } from './model-fields.ts';
import { decodeOutputConfig } from './response-format.ts';
import { decodeToolConfig } from './tools.ts';
import { canonicalRequestKeys, unlessEmpty, withExtensions } from './wire.ts';

const userKey: ReadonlySet<string> = new Set(['user']);

/** The path names the model and says whether the answer is streamed; streams always report usage. */
export function envelope(_body: JsonObject, origin: RequestOrigin): RequestEnvelope {
  return { model: origin.model, stream: origin.stream, includeUsage: true };
}

/**
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 * @throws GatewayError `invalid_request` naming the parameter
 */
export function decodeRequest(body: JsonObject, origin: RequestOrigin): ChatRequest {
  const messages = decodeMessages(body.system, body.messages);
  const tools = decodeToolConfig(body.toolConfig);
  const inference = decodeInference(members(body, 'inferenceConfig'));
  const responseFormat = decodeOutputConfig(body.outputConfig);
  const { topK, reasoning, others } = decodeModelFields(members(body, 'additionalModelRequestFields'));
  const metadata = members(body, 'requestMetadata');
  const user = asString(metadata.user);
  const { model } = origin;
  if (model === undefined || model === '') throw refusal('modelId', 'is required');
  return {
    model,
    messages,
    ...tools,
    ...inference,
    ...(topK !== undefined && { topK }),
    ...(reasoning !== undefined && { reasoning }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(user !== undefined && { user }),
    stream: origin.stream === true,
    includeUsage: true,
    ...withExtensions(ownFields(body, metadata, others)),
  };
}

function members(body: JsonObject, key: string): JsonObject {
  const value = body[key];
  if (value != null && asObject(value) === undefined) throw refusal(key, 'must be an object');
  return asObject(value) ?? {};
}

function decodeInference(config: JsonObject) {
  const maxOutputTokens = number(config, 'maxTokens');
  const temperature = number(config, 'temperature');
  const topP = number(config, 'topP');
  return {
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...decodeStop(config.stopSequences),
  };
}

function number(config: JsonObject, key: string): number | undefined {
  const value = config[key];
  if (value != null && asNumber(value) === undefined) throw refusal(`inferenceConfig.${key}`, 'must be a number');
  return asNumber(value);
}

function decodeStop(stop: JsonValue | undefined): { readonly stop?: readonly string[] } {
  if (stop == null) return {};
  const sequences = asArray(stop).filter((sequence) => typeof sequence === 'string');
  if (!Array.isArray(stop) || sequences.length < stop.length) {
    throw refusal('inferenceConfig.stopSequences', 'must be strings');
  }
  return sequences.length === 0 ? {} : { stop: sequences };
}

function ownFields(
  body: JsonObject,
  metadata: JsonObject,
  modelFields: JsonObject | undefined,
): JsonObject | undefined {
  const moreMetadata = otherMembers(metadata, userKey);
  return unlessEmpty({
    ...otherMembers(body, canonicalRequestKeys),
    ...(moreMetadata !== undefined && { requestMetadata: moreMetadata }),
    ...(modelFields !== undefined && { additionalModelRequestFields: modelFields }),
  });
}
