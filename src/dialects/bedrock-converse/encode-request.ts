import { asObject, type JsonObject } from '../../core/json.ts';
import { ToolIds } from '../anthropic-messages/tool-ids.ts';
import type { ChatRequest } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { forcesCall } from '../forces-call.ts';
import { type Conversation, lacksThinking } from '../join-turns.ts';
import { passedFields } from '../own-fields.ts';
import { reportUnsupported } from '../report-unsupported.ts';
import { DocumentNames } from './document-names.ts';
import { blockKinds, encodeConversation } from './encode-messages.ts';
import { encodeInference } from './encode-model-fields.ts';
import { encodeToolConfig } from './encode-tools.ts';
import { claudeOf, traitsOf } from './models.ts';
import { encodeResponseFormat } from './response-format.ts';
import type { BedrockVariant } from './variant.ts';
import { ownExtensions, ownRequestKeys, unlessEmpty } from './wire.ts';

/** Parameters the API has no word for. */
const unsupported = ['n', 'logprobs', 'top_logprobs', 'seed', 'presence_penalty', 'frequency_penalty'] as const;

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
    target,
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
  reportUnsupported(request, unsupported, dropped);
  const prompt = withInstruction({ system, turns }, instruction, traits.system);
  const body: JsonObject = {
    messages: prompt.turns,
    ...(prompt.system.length > 0 && { system: prompt.system }),
    ...inference,
    ...((tools ?? toolConfig) !== undefined && { toolConfig: tools ?? toolConfig }),
    ...(outputConfig !== undefined && { outputConfig }),
    ...encodeMetadata(request, own, dropped),
    ...passedFields(own, { passed: ownRequestKeys, placed: placedExtensionKeys }, dropped),
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
