import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, ReasoningOptions } from '../canonical.ts';
import type { RequestEnvelope, RequestOrigin } from '../dialect.ts';
import { gatewayMembers } from '../openai-chat/request-decode.ts';
import { otherMembers } from '../other-members.ts';
import { decodeInput } from './messages.ts';
import { decodeResponseFormat } from './response-format.ts';
import { refuseProviderState } from './state.ts';
import { decodeToolChoice, decodeTools } from './tools.ts';
import { booleanMember, emptyObject, invalidRequest, type MutableJson, numberMember, stringMember } from './wire.ts';

/** Members the canonical request holds, and those that ask for nothing a translation could lose. */
const canonicalMembers: ReadonlySet<string> = new Set([
  'model',
  'input',
  'instructions',
  'tools',
  'parallel_tool_calls',
  'max_output_tokens',
  'temperature',
  'top_p',
  'user',
  'stream',
  'top_logprobs',
  // Padding of frames, which translated streams have none of.
  'stream_options',
  'previous_response_id',
  'conversation',
  'background',
  'prompt',
  ...gatewayMembers,
]);

/** A stream of this dialect always reports usage. */
export function envelope(body: JsonObject, origin: RequestOrigin): RequestEnvelope {
  return { model: body.model ?? origin.model, stream: body.stream ?? origin.stream, includeUsage: true };
}

/**
 * https://platform.openai.com/docs/api-reference/responses/create
 *
 * @throws GatewayError `invalid_request` with `param` when the body cannot mean a request; `unsupported_parameter` when it
 * refers to what only a provider of this dialect holds
 */
export function decodeRequest(body: JsonObject, origin: RequestOrigin): ChatRequest {
  refuseProviderState(body);
  const stream = booleanMember(body, 'stream') ?? origin.stream ?? false;
  const tools = decodeTools(body.tools);
  const toolChoice = decodeToolChoice(body.tool_choice);
  const responseFormat = decodeResponseFormat(asObject(body.text)?.format);
  const reasoning = decodeReasoningOptions(asObject(body.reasoning));
  const topLogprobs = numberMember(body, 'top_logprobs');
  const logprobs = asArray(body.include).includes(logprobsWord) || undefined;
  const own = ownMembers(body, { toolChoice, responseFormat });
  const parallelToolCalls = booleanMember(body, 'parallel_tool_calls');
  const maxOutputTokens = numberMember(body, 'max_output_tokens');
  const temperature = numberMember(body, 'temperature');
  const topP = numberMember(body, 'top_p');
  const user = stringMember(body, 'user');
  return {
    model: decodeModel(body, origin),
    messages: decodeInput(body),
    ...(tools !== undefined && { tools }),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(parallelToolCalls !== undefined && { parallelToolCalls }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(logprobs !== undefined && { logprobs }),
    ...(topLogprobs !== undefined && { topLogprobs }),
    ...(responseFormat !== undefined && { responseFormat }),
    ...(reasoning !== undefined && { reasoning }),
    ...(user !== undefined && { user }),
    stream,
    includeUsage: stream,
    ...(own !== undefined && { extensions: { 'openai-responses': own } }),
  };
}

function decodeModel(body: JsonObject, origin: RequestOrigin): string {
  const model = stringMember(body, 'model') ?? origin.model;
  if (model === undefined || model === '') throw invalidRequest('model', 'must name a model');
  return model;
}

/** https://platform.openai.com/docs/guides/reasoning */
function decodeReasoningOptions(reasoning: JsonObject | undefined): ReasoningOptions | undefined {
  const effort = asString(reasoning?.effort);
  const summary = reasoning?.summary ?? reasoning?.generate_summary;
  const options = {
    ...(effort === 'none' && { enabled: false }),
    ...(effort !== undefined && { effort }),
    ...(typeof summary === 'string' && { includeText: true }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}

export const logprobsWord = 'message.output_text.logprobs';
export const encryptedReasoningWord = 'reasoning.encrypted_content';

/** What translations give anyway. */
const answeredInclusions: readonly JsonValue[] = [logprobsWord, encryptedReasoningWord];

interface Understood {
  readonly toolChoice: unknown;
  readonly responseFormat: unknown;
}

/**
 * What only this dialect has. Defaults written out, and wishes a translation fulfils by itself, are none of it: they
 * would be reported as dropped.
 */
function ownMembers(body: JsonObject, understood: Understood): JsonObject | undefined {
  const own = emptyObject();
  for (const [key, value] of Object.entries(otherMembers(body, canonicalMembers) ?? {})) {
    const kept = value === null || value === undefined ? undefined : ownPart(key, value, understood);
    if (kept !== undefined) own[key] = kept;
  }
  return Object.keys(own).length === 0 ? undefined : own;
}

function ownPart(key: string, value: JsonValue, { toolChoice, responseFormat }: Understood): JsonValue | undefined {
  switch (key) {
    case 'store':
      return value === true ? true : undefined;
    case 'truncation':
      return value === 'disabled' ? undefined : value;
    case 'include':
      return nonEmpty(asArray(value).filter((word) => !answeredInclusions.includes(word)));
    case 'tool_choice':
      return toolChoice === undefined ? value : undefined;
    case 'text':
      return withoutMembers(asObject(value), responseFormat === undefined ? [] : ['format']);
    case 'reasoning':
      return ownReasoning(asObject(value));
    default:
      return value;
  }
}

function nonEmpty(values: readonly JsonValue[]): readonly JsonValue[] | undefined {
  return values.length === 0 ? undefined : values;
}

function ownReasoning(reasoning: JsonObject | undefined): JsonObject | undefined {
  const isUsual = reasoning?.summary === 'auto';
  return withoutMembers(reasoning, isUsual ? ['effort', 'summary'] : ['effort']);
}

/** The members that have a value, without those named. */
function withoutMembers(object: JsonObject | undefined, names: readonly string[]): JsonObject | undefined {
  const kept: MutableJson = emptyObject();
  for (const [key, value] of Object.entries(object ?? {})) {
    if (value !== null && !names.includes(key)) kept[key] = value;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}
