import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ChatRequest } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { hasText } from '../has-text.ts';
import { lacksThinking } from '../join-turns.ts';
import { givenMembers } from '../other-members.ts';
import { passedFields } from '../own-fields.ts';
import { reportUnsupported } from '../report-unsupported.ts';
import { blockKinds, encodeConversation, encodeSystem } from './encode-messages.ts';
import { planThinking, type ThinkingPlan } from './encode-reasoning.ts';
import { type ModelTraits, traitsOf } from './models.ts';
import { encodeResponseFormat } from './response-format.ts';
import { encodeSampling } from './sampling.ts';
import { ToolIds } from './tool-ids.ts';
import { encodeTools, isForced } from './tools.ts';
import type { AnthropicVariant } from './variant.ts';
import { ownExtensions, passedExtensionKeys } from './wire.ts';

const maxUserIdLength = 256;

/** Parameters the API has no word for. */
const unsupported = ['n', 'logprobs', 'top_logprobs', 'seed', 'presence_penalty', 'frequency_penalty'] as const;

/**
 * A request as the API takes it, built from what it knows and nothing else.
 * https://platform.claude.com/docs/en/api/messages/create
 *
 * @throws GatewayError `invalid_request` when there is no message to send, `unsupported_parameter` when an image or
 * document is a URL and the host fetches none
 */
export function encodeRequest(request: ChatRequest, target: EncodeTarget, variant: AnthropicVariant): EncodedRequest {
  const dropped = new Set<string>();
  const traits = traitsOf(target.model, variant.models);
  const own = ownExtensions(request.extensions, dropped);
  const { system, turns } = encodeConversation(request.messages, {
    systemTurns: traits.systemTurns,
    urlSources: variant.urlSources ?? 'fetched',
    toolIds: new ToolIds(),
    dropped,
  });
  const { format, instruction } = encodeResponseFormat(request.responseFormat, traits, dropped);
  const prompt = encodeSystem(instruction === undefined ? system : [...system, { type: 'text', text: instruction }]);
  const tools = encodeTools(request, traits, dropped);
  const plan = planThinking({
    reasoning: request.reasoning,
    traits,
    maxTokens: encodeMaxTokens(request, traits, dropped),
    paidFor: target.maxOutputTokens !== undefined,
    plainEffort: asString(asObject(own.output_config)?.effort),
    budgetRefused: isForced(tools.tool_choice) || lacksThinking(turns, blockKinds),
    dropped,
  });
  const thinks = plan.thinking !== undefined && plan.thinking.type !== 'disabled';
  reportUnsupported(request, unsupported, dropped);
  const body: JsonObject = {
    ...encodeModel(target, variant),
    max_tokens: plan.maxTokens,
    ...(prompt !== undefined && { system: prompt }),
    messages: turns,
    ...tools,
    ...encodeSampling({ request, traits, thinks, dropped }),
    ...encodeStop(request, dropped),
    ...encodeMetadata(request, own, dropped),
    ...(plan.thinking !== undefined && { thinking: plan.thinking }),
    ...encodeOutputConfig(plan, format, own),
    ...passedFields(own, { passed: passedExtensionKeys, placed: placedExtensionKeys }, dropped),
    ...(request.stream && { stream: true }),
  };
  return { body, dropped: [...dropped] };
}

function encodeModel(target: EncodeTarget, { bodyVersion }: AnthropicVariant): JsonObject {
  return bodyVersion === undefined ? { model: target.model } : { anthropic_version: bodyVersion };
}

function encodeMaxTokens(request: ChatRequest, traits: ModelTraits, dropped: Set<string>): number {
  const wanted = request.maxOutputTokens ?? traits.defaultMaxTokens;
  if (wanted <= traits.maxOutputTokens) return wanted;
  dropped.add('max_tokens');
  return traits.maxOutputTokens;
}

/** Sequences of white space alone are refused. */
function encodeStop({ stop = [] }: ChatRequest, dropped: Set<string>): JsonObject {
  const sequences = stop.filter(hasText);
  if (sequences.length < stop.length) dropped.add('stop');
  return sequences.length === 0 ? {} : { stop_sequences: sequences };
}

function encodeMetadata({ user }: ChatRequest, own: JsonObject, dropped: Set<string>): JsonObject {
  const accepted = user !== undefined && user.length <= maxUserIdLength;
  if (user !== undefined && !accepted) dropped.add('user');
  const metadata = { ...(accepted && { user_id: user }), ...asObject(own.metadata) };
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}

const effortKey: ReadonlySet<string> = new Set(['effort']);

function encodeOutputConfig({ effort }: ThinkingPlan, format: JsonObject | undefined, own: JsonObject): JsonObject {
  const config = {
    ...givenMembers(asObject(own.output_config) ?? {}, effortKey),
    ...(effort !== undefined && { effort }),
    ...(format !== undefined && { format }),
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

const placedExtensionKeys: ReadonlySet<string> = new Set(['metadata', 'output_config']);
