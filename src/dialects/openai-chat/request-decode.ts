import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, ReasoningOptions, ResponseFormat } from '../canonical.ts';
import type { RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { otherMembers } from '../other-members.ts';
import { decodeMessages } from './messages-decode.ts';
import type { ResolvedVariant } from './model-profile.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';
import { booleanMember, emptyObject, invalidRequest, numberMember, stringMember } from './wire.ts';

/** Members the canonical request holds. All others are this dialect's own. */
const canonicalMembers: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'tools',
  'parallel_tool_calls',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'presence_penalty',
  'frequency_penalty',
  'seed',
  'random_seed',
  'stop',
  'n',
  'logprobs',
  'top_logprobs',
  'reasoning_effort',
  'include_reasoning',
  'user',
  'stream',
  'stream_options',
]);

/** Members that speak to this gateway. No provider ever sees them. */
export const gatewayMembers: ReadonlySet<string> = new Set(['fallback', 'fallbacks', 'models', 'options']);

export function envelope(body: JsonObject, origin: RequestOrigin): RequestEnvelope {
  return {
    model: body.model ?? origin.model,
    stream: body.stream ?? origin.stream,
    includeUsage: asObject(body.stream_options)?.include_usage === true,
  };
}

/** @throws GatewayError `invalid_request` with `param` when the body cannot mean a request */
export function decodeRequest(body: JsonObject, origin: RequestOrigin, variant: ResolvedVariant): ChatRequest {
  const stream = booleanMember(body, 'stream') ?? origin.stream ?? false;
  const streamOptions = asObject(body.stream_options);
  const tools = decodeTools(body.tools);
  const toolChoice = decodeToolChoice(body.tool_choice);
  const responseFormat = decodeResponseFormat(body.response_format);
  const reasoning = decodeReasoningOptions(body);
  const stop = decodeStop(body.stop);
  const own = ownMembers(body, { toolChoice, responseFormat, reasoning, streamOptions });
  return {
    model: decodeModel(body, origin),
    messages: decodeMessages(body.messages),
    ...(tools !== undefined && { tools }),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(stop !== undefined && { stop }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(reasoning !== undefined && { reasoning }),
    ...given({
      parallelToolCalls: booleanMember(body, 'parallel_tool_calls'),
      maxOutputTokens: numberMember(body, 'max_completion_tokens') ?? numberMember(body, 'max_tokens'),
      temperature: numberMember(body, 'temperature'),
      topP: numberMember(body, 'top_p'),
      topK: numberMember(body, 'top_k'),
      presencePenalty: numberMember(body, 'presence_penalty'),
      frequencyPenalty: numberMember(body, 'frequency_penalty'),
      seed: numberMember(body, variant.seedField) ?? numberMember(body, 'seed') ?? numberMember(body, 'random_seed'),
      choiceCount: numberMember(body, 'n'),
      logprobs: booleanMember(body, 'logprobs'),
      topLogprobs: numberMember(body, 'top_logprobs'),
      user: stringMember(body, 'user'),
    }),
    stream,
    includeUsage: stream && streamOptions?.include_usage === true,
    ...(own !== undefined && { extensions: { 'openai-chat': own } }),
  };
}

function decodeModel(body: JsonObject, origin: RequestOrigin): string {
  const model = stringMember(body, 'model') ?? origin.model;
  if (model === undefined || model === '') throw invalidRequest('model', 'must name a model');
  return model;
}

/** The members that have a value. */
function given<Members extends object>(members: Members): { [Key in keyof Members]?: NonNullable<Members[Key]> } {
  const present: { [Key in keyof Members]?: NonNullable<Members[Key]> } = {};
  for (const key in members) {
    const value = members[key];
    if (value !== undefined && value !== null) present[key] = value;
  }
  return present;
}

function decodeStop(stop: JsonValue | undefined): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined;
  if (typeof stop === 'string') return [stop];
  if (Array.isArray(stop) && stop.every((sequence) => typeof sequence === 'string')) return stop;
  throw invalidRequest('stop', 'must be a string or an array of strings');
}

/** https://platform.openai.com/docs/guides/structured-outputs */
function decodeResponseFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  const type = asObject(format)?.type;
  if (type === 'text') return { type: 'text' };
  if (type === 'json_object') return { type: 'json' };
  const wrapper = type === 'json_schema' ? asObject(asObject(format)?.json_schema) : undefined;
  const schema = asObject(wrapper?.schema);
  if (wrapper === undefined || schema === undefined) return undefined;
  const name = asString(wrapper.name);
  const description = asString(wrapper.description);
  return {
    type: 'json-schema',
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    schema,
    ...(typeof wrapper.strict === 'boolean' && { strict: wrapper.strict }),
  };
}

/**
 * OpenAI's `reasoning_effort`, OpenRouter's `reasoning: {effort, max_tokens, enabled, exclude}`, and the
 * `thinking: {type, budget_tokens}` of DeepSeek and others.
 */
function decodeReasoningOptions(body: JsonObject): ReasoningOptions | undefined {
  const reasoning = asObject(body.reasoning);
  const thinking = asObject(body.thinking);
  const effort = asString(body.reasoning_effort) ?? asString(reasoning?.effort);
  const enabled = decodeEnabled(effort, reasoning, thinking);
  const budgetTokens = numberOf(reasoning?.max_tokens) ?? numberOf(thinking?.budget_tokens);
  const includeText = decodeIncludeText(body, reasoning);
  const options = given({ enabled, effort, budgetTokens, includeText });
  return Object.keys(options).length === 0 ? undefined : options;
}

function decodeEnabled(effort: string | undefined, reasoning?: JsonObject, thinking?: JsonObject): boolean | undefined {
  if (typeof reasoning?.enabled === 'boolean') return reasoning.enabled;
  if (thinking?.type === 'enabled') return true;
  return thinking?.type === 'disabled' || effort === 'none' ? false : undefined;
}

function decodeIncludeText(body: JsonObject, reasoning?: JsonObject): boolean | undefined {
  if (typeof reasoning?.exclude === 'boolean') return !reasoning.exclude;
  return typeof body.include_reasoning === 'boolean' ? body.include_reasoning : undefined;
}

function numberOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

interface Understood {
  readonly toolChoice: unknown;
  readonly responseFormat: unknown;
  readonly reasoning: unknown;
  readonly streamOptions: JsonObject | undefined;
}

const includeUsage: ReadonlySet<string> = new Set(['include_usage']);

/** What only this dialect has: members it alone knows, and forms of shared members that the canonical request lacks. */
function ownMembers(body: JsonObject, understood: Understood): JsonObject | undefined {
  const own = emptyObject();
  for (const [key, value] of Object.entries(otherMembers(body, canonicalMembers) ?? {})) {
    if (gatewayMembers.has(key) || value === null) continue;
    if (key === 'tool_choice' && understood.toolChoice !== undefined) continue;
    if (key === 'response_format' && understood.responseFormat !== undefined) continue;
    if ((key === 'reasoning' || key === 'thinking') && understood.reasoning !== undefined) continue;
    own[key] = value;
  }
  const streamOptions = understood.streamOptions && otherMembers(understood.streamOptions, includeUsage);
  if (streamOptions !== undefined) own.stream_options = streamOptions;
  return Object.keys(own).length === 0 ? undefined : own;
}
