import { asArray, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, Message, ReasoningOptions } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { effortOf } from '../reasoning-wish.ts';
import { encodeInput } from './encode-messages.ts';
import { encryptedReasoningWord, logprobsWord } from './request.ts';
import { encodeResponseFormat } from './response-format.ts';
import { encodeToolChoice, encodeTools } from './tools.ts';
import { accepts, type ResponsesProfile } from './variant.ts';
import { type MutableJson, stateOf } from './wire.ts';

/** @throws GatewayError `unsupported_parameter` when the request holds media the API has no form for */
export function encodeRequest(request: ChatRequest, target: EncodeTarget, profile: ResponsesProfile): EncodedRequest {
  const dropped = new Set<string>();
  const { instructions, input } = encodeInput(request.messages, profile, dropped);
  const draft = new RequestDraft(profile, { model: target.model, input }, dropped);
  draft.put('instructions', instructions);
  draft.put('temperature', request.temperature);
  draft.put('top_p', request.topP);
  draft.put('user', request.user);
  putMaxTokens(draft, request.maxOutputTokens);
  putTools(draft, request);
  putText(draft, request);
  putReasoning(draft, request);
  putInclude(draft, request);
  putStore(draft, request);
  putWithoutForm(draft, request);
  putExtensions(draft, request);
  if (request.stream) draft.set('stream', true);
  return draft.result();
}

/** A request body under construction, which notes what it could not take. */
class RequestDraft {
  readonly profile: ResponsesProfile;
  readonly dropped: Set<string>;
  readonly #body: MutableJson;

  constructor(profile: ResponsesProfile, body: MutableJson, dropped: Set<string>) {
    this.profile = profile;
    this.dropped = dropped;
    this.#body = body;
  }

  /** Adds a parameter if there is a value and the provider takes it; what it does not take is reported. */
  put(parameter: string, value: JsonValue | undefined, reportedAs = parameter): void {
    if (value === undefined || parameter in this.#body) return;
    if (accepts(this.profile, parameter)) this.#body[parameter] = value;
    else this.dropped.add(reportedAs);
  }

  /** Adds a member every provider takes. */
  set(member: string, value: JsonValue): void {
    this.#body[member] = value;
  }

  has(member: string): boolean {
    return member in this.#body;
  }

  result(): EncodedRequest {
    return { body: this.#body, dropped: [...this.dropped] };
  }
}

function putMaxTokens(draft: RequestDraft, limit: number | undefined): void {
  const least = draft.profile.leastOutputTokens;
  if (limit !== undefined && limit < least) draft.dropped.add('max_tokens');
  draft.put('max_output_tokens', limit === undefined ? undefined : Math.max(limit, least), 'max_tokens');
}

function putTools(draft: RequestDraft, { tools, toolChoice, parallelToolCalls }: ChatRequest): void {
  const encoded = encodeTools(tools ?? [], draft.dropped);
  if (encoded.length === 0) {
    if (toolChoice?.type === 'required' || toolChoice?.type === 'tool') draft.dropped.add('tool_choice');
    return;
  }
  draft.put('tools', encoded);
  draft.put('tool_choice', toolChoice && encodeToolChoice(toolChoice));
  draft.put('parallel_tool_calls', parallelToolCalls);
}

function own(request: ChatRequest): JsonObject {
  return request.extensions?.['openai-responses'] ?? {};
}

function putText(draft: RequestDraft, request: ChatRequest): void {
  const { responseFormat } = request;
  const verbosity = request.extensions?.['openai-chat']?.verbosity;
  const text: MutableJson = {
    ...(responseFormat && { format: encodeResponseFormat(responseFormat) }),
    ...(verbosity !== undefined && { verbosity }),
    ...asObject(own(request).text),
  };
  if (Object.keys(text).length > 0) draft.put('text', text, 'response_format');
}

function putReasoning(draft: RequestDraft, request: ChatRequest): void {
  const { reasoning: options } = request;
  const reasoning: MutableJson = { ...encodeOptions(options), ...asObject(own(request).reasoning) };
  if (Object.keys(reasoning).length === 0) return;
  if (draft.profile.reasons !== 'never') draft.put('reasoning', reasoning, 'reasoning_effort');
  // Not to think is what such a model does anyway.
  else if (options?.enabled !== false) draft.dropped.add('reasoning_effort');
}

function encodeOptions(options: ReasoningOptions | undefined): JsonObject {
  if (options === undefined) return {};
  const effort = effortOf(options);
  return { ...(effort !== undefined && { effort }), ...(options.includeText === true && { summary: 'auto' }) };
}

function putInclude(draft: RequestDraft, request: ChatRequest): void {
  const words = [...asArray(own(request).include)];
  if (request.logprobs === true) words.push(logprobsWord);
  if (own(request).store !== true && mayReason(request, draft.profile)) words.push(encryptedReasoningWord);
  if (words.length > 0) draft.put('include', words);
  draft.put('top_logprobs', request.topLogprobs);
}

/** Whether reasoning items could come. To ask for them of models that do not reason is an error. */
function mayReason({ reasoning, messages }: ChatRequest, { reasons }: ResponsesProfile): boolean {
  if (reasons !== 'unknown') return reasons === 'always';
  return (reasoning !== undefined && reasoning.enabled !== false) || messages.some(hasOwnReasoning);
}

function hasOwnReasoning({ parts }: Message): boolean {
  return parts.some(
    (part) => part.type === 'reasoning' && stateOf(part.redacted ?? part.signature)?.encrypted_content !== undefined,
  );
}

function putStore(draft: RequestDraft, request: ChatRequest): void {
  const asked = own(request).store ?? request.extensions?.['openai-chat']?.store;
  if (asked === true) draft.put('store', true);
  else if (draft.profile.storing && accepts(draft.profile, 'store')) draft.set('store', false);
}

/** What this API has no parameter for. */
function putWithoutForm(draft: RequestDraft, request: ChatRequest): void {
  const { topK, presencePenalty, frequencyPenalty, seed, stop, choiceCount } = request;
  const values = {
    top_k: topK,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
    seed,
    stop,
    // One answer is what comes unasked.
    n: choiceCount === 1 ? undefined : choiceCount,
  };
  for (const [name, value] of Object.entries(values)) if (value !== undefined) draft.dropped.add(name);
}

/** Members that mean the same in OpenAI's chat completions. */
const sharedMembers: ReadonlySet<string> = new Set([
  'metadata',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'service_tier',
]);

const placedMembers: ReadonlySet<string> = new Set(['text', 'reasoning', 'include', 'store']);

function putExtensions(draft: RequestDraft, { extensions }: ChatRequest): void {
  for (const [dialect, fields] of Object.entries(extensions ?? {})) {
    for (const [key, value] of Object.entries(fields ?? {})) {
      if (dialect === 'openai-responses') {
        if (!placedMembers.has(key)) putOwn(draft, key, value);
      } else if (dialect === 'openai-chat' && sharedMembers.has(key)) draft.put(key, value);
      else if (dialect !== 'openai-chat' || (key !== 'verbosity' && key !== 'store')) draft.dropped.add(key);
    }
  }
}

/** A choice among tools needs tools. */
function putOwn(draft: RequestDraft, key: string, value: JsonValue | undefined): void {
  if (key === 'tool_choice' && !draft.has('tools')) draft.dropped.add(key);
  else draft.put(key, value);
}
