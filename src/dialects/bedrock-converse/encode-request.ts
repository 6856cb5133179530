import { asObject, type JsonObject } from '../../core/json.ts';
import { ToolIds } from '../anthropic-messages/tool-ids.ts';
import type { ChatRequest } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { forcesCall } from '../forces-call.ts';
import { type Conversation, lacksThinking } from '../join-turns.ts';
import { DocumentNames } from './document-names.ts';
import { blockKinds, encodeConversation } from './encode-messages.ts';
import { encodeInference } from './encode-model-fields.ts';
import { encodeToolConfig } from './encode-tools.ts';
import { claudeOf, traitsOf } from './models.ts';
import { encodeResponseFormat } from './response-format.ts';
import type { BedrockVariant } from './variant.ts';
import { ownExtensions, ownRequestKeys, unlessEmpty } from './wire.ts';

/**
 * A request as the API takes it, built from what it knows and nothing else. The path has the model and says whether the
 * answer is streamed. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
 *
 * @throws GatewayError `invalid_request` when there is no message to send, `unsupported_parameter` for media the model
 * cannot read
 */
export function encodeRequest(request: ChatRequest, target: EncodeTarget, variant: BedrockVariant): EncodedRequest {
  const dropped = new Set<string>();
  const traits = traitsOf(target.model, variant.models);
  const claude = claudeOf(target.model);
  const own = ownExtensions(request.extensions, dropped);
  const called = new Set<string>();
  const { system, turns } = encodeConversation(request.messages, {
    traits,
    systemTurns: claude?.systemTurns ?? 'refused',
    names: new DocumentNames(),
    toolIds: new ToolIds(),
    called,
    dropped,
  });
  const inference = encodeInference({
    request,
    traits,
    claude,
    own: asObject(own.additionalModelRequestFields) ?? {},
    budgetRefused: forcesCall(request.toolChoice) || lacksThinking(turns, blockKinds),
    dropped,
  });
  const forcing = thinks(inference.additionalModelRequestFields) ? 'impossible' : 'possible';
  const tools = encodeToolConfig({ request, traits, called, forcing, dropped });
  const { outputConfig, toolConfig, instruction } = encodeResponseFormat({
    format: request.responseFormat,
    traits,
    forcing: tools === undefined ? forcing : 'impossible',
    dropped,
  });
  reportUnsupported(request, dropped);
  const prompt = withInstruction({ system, turns }, instruction, traits.system);
  const body: JsonObject = {
    messages: prompt.turns,
    ...(prompt.system.length > 0 && { system: prompt.system }),
    ...inference,
    ...((tools ?? toolConfig) !== undefined && { toolConfig: tools ?? toolConfig }),
    ...(outputConfig !== undefined && { outputConfig }),
    ...encodeMetadata(request, own, dropped),
    ...passedExtensions(own, dropped),
  };
  return { body, dropped: [...dropped] };
}

function thinks(fields: JsonObject | undefined): boolean {
  const type = asObject(fields?.thinking)?.type;
  return type === 'enabled' || type === 'adaptive';
}

function withInstruction(prompt: Conversation, text: string | undefined, taken: 'accepted' | 'refused'): Conversation {
  const { system, turns } = prompt;
  if (text === undefined) return prompt;
  if (taken === 'accepted') return { system: [...system, { text }], turns };
  const [first, ...rest] = turns;
  return { system, turns: [{ role: 'user', content: [{ text }, ...(first?.content ?? [])] }, ...rest] };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#bedrock-runtime_Converse-request-requestMetadata */
const metadataValue = /^[a-zA-Z0-9\s:_@$#=/+,\-.]{0,256}$/;

function encodeMetadata({ user }: ChatRequest, own: JsonObject, dropped: Set<string>): JsonObject {
  const accepted = user !== undefined && metadataValue.test(user);
  if (user !== undefined && !accepted) dropped.add('user');
  const requestMetadata = unlessEmpty({ ...asObject(own.requestMetadata), ...(accepted && { user }) });
  return requestMetadata === undefined ? {} : { requestMetadata };
}

const placedExtensionKeys: ReadonlySet<string> = new Set(['requestMetadata', 'additionalModelRequestFields']);

function passedExtensions(own: JsonObject, dropped: Set<string>): JsonObject {
  const entries = Object.entries(own).filter(([key]) => {
    if (ownRequestKeys.has(key)) return true;
    if (!placedExtensionKeys.has(key)) dropped.add(key);
    return false;
  });
  return Object.fromEntries(entries);
}

/** Parameters the API has no word for. A value that is everybody's default is no loss. */
function reportUnsupported(request: ChatRequest, dropped: Set<string>): void {
  if ((request.choiceCount ?? 1) > 1) dropped.add('n');
  if (request.logprobs === true) dropped.add('logprobs');
  if ((request.topLogprobs ?? 0) > 0) dropped.add('top_logprobs');
  if (request.seed !== undefined) dropped.add('seed');
  if ((request.presencePenalty ?? 0) !== 0) dropped.add('presence_penalty');
  if ((request.frequencyPenalty ?? 0) !== 0) dropped.add('frequency_penalty');
}
