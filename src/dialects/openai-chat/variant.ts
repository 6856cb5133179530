/**
 * What a provider's OpenAI-compatible API does differently from OpenAI's own. Plain data; a field left out means "as
 * OpenAI": https://platform.openai.com/docs/api-reference/chat/create
 */
export interface OpenAIChatVariant {
  /**
   * Top-level request members the provider takes; `model`, `messages` and `stream` always are. Others are left out and
   * reported as dropped. `'all'` for servers that ignore what they do not know (vLLM, llama.cpp, any own server).
   * @default openaiParameters
   */
  readonly parameters?: readonly string[] | 'all';
  /**
   * How the upper bound of generated tokens may be called, the preferred name first. A caller's other name is renamed.
   * @default ['max_completion_tokens'], and `max_tokens` too for GPT-3.5 and GPT-4
   */
  readonly maxTokensFields?: readonly MaxTokensField[];
  /**
   * Name of the seed. Mistral: `random_seed`, https://docs.mistral.ai/api/
   * @default 'seed'
   */
  readonly seedField?: 'seed' | 'random_seed';
  /**
   * Whether `stream_options.include_usage` is understood. Where not (Mistral), usage comes unasked.
   * @default true
   */
  readonly streamOptions?: boolean;
  /**
   * Word for "call at least one tool". Mistral: `any`.
   * @default 'required'
   */
  readonly requiredToolChoice?: 'required' | 'any';
  /**
   * Whether `tool_choice` may name a function. Where not, only that tool is sent, and one is required.
   * @default true
   */
  readonly namedToolChoice?: boolean;
  /**
   * Whether `tool_choice: {type: 'allowed_tools'}` is understood. Where not, only the allowed tools are sent.
   * @default true
   */
  readonly allowedTools?: boolean;
  /**
   * Whether tools may carry `strict`.
   * @default true
   */
  readonly strictTools?: boolean;
  /**
   * Form of tool-call ids. Mistral takes exactly nine letters and digits; others are mapped, calls and results alike.
   * @default 'any'
   */
  readonly toolCallIds?: 'any' | 'nine-alphanumerics';
  /**
   * Whether `response_format: {type: 'json_schema'}` is understood (DeepSeek: no).
   * @default true
   */
  readonly jsonSchema?: boolean;
  /**
   * Roles instructions may have: `both` is `system` and `developer` as sent; `system` renames `developer`; `user` is for
   * models that know neither.
   * @default 'both'
   */
  readonly instructionRoles?: InstructionRoles;
  /**
   * Whether message content may be an array of parts. `string` joins texts and refuses anything else.
   * @default 'parts'
   */
  readonly content?: 'parts' | 'string';
  /**
   * Whether `tool` messages may hold images and files. Where not, they follow in a `user` message.
   * @default false
   */
  readonly toolResultMedia?: boolean;
  /**
   * Members of messages, content parts and tools beyond the common grammar that may be sent, e.g. `name`, `prefix`,
   * `cache_control`. Strict servers answer 400 to unknown ones.
   * @default ['name', 'refusal', 'audio', 'annotations']
   */
  readonly extraFields?: readonly string[] | 'all';
  /**
   * How reasoning is asked for: `effort` is `reasoning_effort`; `object` is OpenRouter's `reasoning: {...}`,
   * https://openrouter.ai/docs/guides/best-practices/reasoning-tokens; `thinking` is DeepSeek's
   * `thinking: {type: 'enabled' | 'disabled'}` beside an effort, https://api-docs.deepseek.com/guides/thinking_mode.
   * @default 'effort', and `none` for models that do not reason
   */
  readonly reasoningParameter?: ReasoningParameter;
  /**
   * How the reasoning of earlier assistant turns is sent back: under a member's name, as Mistral's content parts
   * (https://docs.mistral.ai/capabilities/reasoning/), or not at all. DeepSeek requires it with tools; OpenAI and Groq refuse it.
   * @default 'none'
   */
  readonly reasoningHistory?: 'none' | 'reasoning_content' | 'reasoning' | 'thinking-parts';
  /**
   * Whether earlier turns carry `reasoning_details` (OpenRouter): signatures and encrypted reasoning.
   * @default false
   */
  readonly reasoningDetails?: boolean;
  /**
   * Whether `completion_tokens` holds the reasoning tokens, too. xAI: no, `total_tokens` is the sum of all three,
   * https://docs.x.ai/docs/guides/reasoning. With `beside-completion` that sum decides, answer by answer.
   * @default 'in-completion'
   */
  readonly reasoningTokens?: 'in-completion' | 'beside-completion';
  /**
   * Whether a stream that has its finish reasons may end without `data: [DONE]` (Cerebras, Perplexity, some behind the
   * Hugging Face router). Where it may not, such a stream was cut.
   * @default 'required'
   */
  readonly doneMarker?: 'required' | 'optional';
  /**
   * Whether a stream may end with `[DONE]` and no finish reason (Snowflake). It is then inferred.
   * @default 'required'
   */
  readonly finishReason?: 'required' | 'optional';
  /** What differs by model. All rules that match apply, later ones over earlier ones. */
  readonly modelRules?: readonly ModelRule[];
}

export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';
export type InstructionRoles = 'both' | 'system' | 'user';
export type ReasoningParameter = 'effort' | 'object' | 'thinking' | 'none';

export interface ModelRule {
  /** Tested against the provider's own name of the model. */
  readonly models: RegExp;
  readonly maxTokensFields?: readonly MaxTokensField[];
  readonly instructionRoles?: InstructionRoles;
  readonly reasoningParameter?: ReasoningParameter;
  /** Parameters these models answer 400 to; left out and reported as dropped. Rules add up. */
  readonly refuses?: readonly string[];
  /**
   * Whether answers have a form callers do not expect (Mistral's reasoning models: arrays in `content`; Groq and others:
   * reasoning under another name than `reasoning_content`), so that they are always translated and never passed through.
   * @default false
   */
  readonly translateAnswers?: boolean;
}

/** Top-level members of OpenAI's chat completion requests: https://platform.openai.com/docs/api-reference/chat/create */
export const openaiParameters: readonly string[] = [
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'metadata',
  'modalities',
  'n',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_retention',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'stream_options',
  'temperature',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'web_search_options',
];
