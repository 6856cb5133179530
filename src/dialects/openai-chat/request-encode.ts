import type { JsonObject, JsonValue } from '../../core/json.ts';
import { asObject } from '../../core/json.ts';
import type { ChatRequest, Extensions, ReasoningOptions, ResponseFormat } from '../canonical.ts';
import type { EncodedRequest, EncodeTarget } from '../dialect.ts';
import { effortOf } from '../reasoning-wish.ts';
import { encodeMessages } from './messages-encode.ts';
import { accepts, type ModelProfile } from './model-profile.ts';
import { encodeTools } from './tools.ts';
import type { MutableJson } from './wire.ts';

/** @throws GatewayError `unsupported_parameter` when the request holds media the provider has no form for */
export function encodeRequest(request: ChatRequest, target: EncodeTarget, profile: ModelProfile): EncodedRequest {
  const { messages, dropped } = encodeMessages(request.messages, profile);
  const draft = new RequestDraft(profile, { model: target.model, messages }, dropped);
  draft.put('temperature', request.temperature);
  draft.put('top_p', request.topP);
  draft.put('top_k', request.topK);
  draft.put('presence_penalty', request.presencePenalty);
  draft.put('frequency_penalty', request.frequencyPenalty);
  draft.put(profile.seedField, request.seed, 'seed');
  // An empty list stops at nothing: no loss where it is refused.
  draft.put('stop', request.stop?.length === 0 && !accepts(profile, 'stop') ? undefined : request.stop);
  // One answer is what comes unasked.
  draft.put('n', request.choiceCount === 1 && !accepts(profile, 'n') ? undefined : request.choiceCount);
  draft.put('logprobs', request.logprobs);
  draft.put('top_logprobs', request.topLogprobs);
  draft.put('user', request.user);
  putMaxTokens(draft, request);
  putTools(draft, request);
  putResponseFormat(draft, request.responseFormat);
  if (request.reasoning !== undefined) putReasoning(draft, request.reasoning);
  putExtensions(draft, request.extensions);
  putStream(draft, request);
  return draft.result();
}

/** A request body under construction, which notes what it could not take. */
class RequestDraft {
  readonly profile: ModelProfile;
  readonly #body: MutableJson;
  readonly #dropped: Set<string>;

  constructor(profile: ModelProfile, body: MutableJson, dropped: readonly string[]) {
    this.profile = profile;
    this.#body = body;
    this.#dropped = new Set(dropped);
  }

  /** Adds a parameter if there is a value and the provider takes it; what it does not take is reported. */
  put(parameter: string, value: JsonValue | undefined, reportedAs = parameter): void {
    if (value === undefined || parameter in this.#body) return;
    if (accepts(this.profile, parameter)) this.#body[parameter] = value;
    else this.drop(reportedAs);
  }

  /** Adds a member every provider takes. */
  set(member: string, value: JsonValue): void {
    this.#body[member] = value;
  }

  drop(parameter: string): void {
    this.#dropped.add(parameter);
  }

  result(): EncodedRequest {
    return { body: this.#body, dropped: [...this.#dropped] };
  }
}

function putMaxTokens(draft: RequestDraft, { maxOutputTokens }: ChatRequest): void {
  const { profile } = draft;
  const field = profile.maxTokensFields.find((name) => accepts(profile, name));
  if (field === undefined && maxOutputTokens !== undefined) draft.drop('max_tokens');
  else if (field !== undefined) draft.put(field, maxOutputTokens);
}

function putTools(draft: RequestDraft, request: ChatRequest): void {
  const { tools, choice, dropped } = encodeTools(request.tools ?? [], request.toolChoice, draft.profile);
  dropped.forEach((parameter) => {
    draft.drop(parameter);
  });
  draft.put('tools', tools);
  // Without tools both are refused, and mean nothing: some clients always send the flag.
  if (tools === undefined) return;
  draft.put('tool_choice', choice);
  draft.put('parallel_tool_calls', request.parallelToolCalls);
}

function putResponseFormat(draft: RequestDraft, format: ResponseFormat | undefined): void {
  if (format === undefined) return;
  if (format.type === 'json-schema' && !draft.profile.jsonSchema) draft.drop('response_format');
  else draft.put('response_format', encodeResponseFormat(format));
}

function encodeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  const { name = 'answer', description, schema, strict } = format;
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== undefined && { description }),
      schema,
      ...(strict !== undefined && { strict }),
    },
  };
}

function putReasoning(draft: RequestDraft, options: ReasoningOptions): void {
  switch (draft.profile.reasoningParameter) {
    case 'effort':
      draft.put('reasoning_effort', effortOf(options));
      // Groq. Where it is not known nothing is lost: whether reasoning is shown is decided on the way back.
      if (accepts(draft.profile, 'include_reasoning')) draft.put('include_reasoning', options.includeText);
      return;
    case 'object':
      draft.put('reasoning', reasoningObject(options), 'reasoning_effort');
      return;
    case 'thinking':
      draft.put('thinking', thinkingSwitch(options), 'reasoning_effort');
      draft.put('reasoning_effort', options.enabled === false ? undefined : effortOf(options));
      return;
    case 'none':
      // Not to think is what such a model does anyway.
      if (options.enabled !== false) draft.drop('reasoning_effort');
  }
}

function reasoningObject({ enabled, effort, budgetTokens, includeText }: ReasoningOptions): JsonObject {
  return {
    ...(effort !== undefined && { effort }),
    // One of the two: https://openrouter.ai/docs/guides/best-practices/reasoning-tokens
    ...(effort === undefined && budgetTokens !== undefined && { max_tokens: budgetTokens }),
    ...(enabled !== undefined && { enabled }),
    ...(includeText !== undefined && { exclude: !includeText }),
  };
}

function thinkingSwitch({ enabled }: ReasoningOptions): JsonObject | undefined {
  return enabled === undefined ? undefined : { type: enabled ? 'enabled' : 'disabled' };
}

function putExtensions(draft: RequestDraft, extensions: Extensions | undefined): void {
  for (const [dialect, fields] of Object.entries(extensions ?? {})) {
    for (const [key, value] of Object.entries(fields ?? {})) {
      if (dialect !== 'openai-chat') draft.drop(key);
      else if (key !== 'stream_options') draft.put(key, value);
    }
  }
}

/** Usage is always asked for: it is what accounting lives on. Whether the caller sees it is decided on the way back. */
function putStream(draft: RequestDraft, request: ChatRequest): void {
  if (!request.stream) return;
  draft.set('stream', true);
  if (!draft.profile.streamOptions) return;
  draft.set('stream_options', {
    ...asObject(request.extensions?.['openai-chat']?.stream_options),
    include_usage: true,
  });
}
