/**
 * What a provider's Responses API does differently from OpenAI's own. Plain data; a field left out means "as OpenAI":
 * https://platform.openai.com/docs/api-reference/responses/create
 */
export interface OpenAIResponsesVariant {
  /**
   * Top-level request members the provider takes; `model`, `input` and `stream` always are. Others are left out and
   * reported as dropped. `'all'` for servers that ignore what they do not know.
   * @default responsesParameters
   */
  readonly parameters?: readonly string[] | 'all';
  /**
   * Where leading instructions go: into the parameter `instructions`, or into a message of their own.
   * @default 'parameter'
   */
  readonly instructions?: 'parameter' | 'message';
  /**
   * Whether the provider keeps what it is told to `store`. Where it does, requests that do not ask for it are sent with
   * `store: false`, because nothing here remembers ids of answers.
   * @default true
   */
  readonly storing?: boolean;
  /**
   * Fewest tokens a limit may name; lower ones are raised to it and reported as dropped.
   * https://platform.openai.com/docs/api-reference/responses/create#responses-create-max_output_tokens
   * @default 16
   */
  readonly leastOutputTokens?: number;
  /** What differs by model. All rules that match apply, later ones over earlier ones. */
  readonly modelRules?: readonly ResponsesModelRule[];
}

export const usualLeastOutputTokens = 16;

export interface ResponsesModelRule {
  /** Tested against the provider's own name of the model. */
  readonly models: RegExp;
  /**
   * Whether these models reason. `never`: `reasoning` is left out; `always`: their encrypted reasoning is asked for;
   * `unknown`: it is asked for where the caller speaks of reasoning.
   * @default 'unknown'
   */
  readonly reasons?: 'always' | 'never' | 'unknown';
  /** Parameters these models answer 400 to; left out and reported as dropped. Rules add up. */
  readonly refuses?: readonly string[];
}

/** Top-level members of OpenAI's requests: https://platform.openai.com/docs/api-reference/responses/create */
export const responsesParameters: readonly string[] = [
  'background',
  'context_management',
  'conversation',
  'include',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'stream_options',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
];

const samplingParameters = ['temperature', 'top_p', 'top_logprobs'] as const;

/** https://platform.openai.com/docs/guides/reasoning */
const openaiModelRules: readonly ResponsesModelRule[] = [
  { models: /^(?:ft:)?(?:gpt-3\.5|gpt-4|chatgpt-)/, reasons: 'never' },
  { models: /^(?:ft:)?(?:o\d|gpt-5|codex-)/, reasons: 'always' },
  { models: /^(?:ft:)?(?:o\d|codex-)/, refuses: samplingParameters },
  // From 5.1 on these are taken while the model does not reason.
  { models: /^gpt-5(?:-(?!chat)|$)/, refuses: samplingParameters },
  { models: /^gpt-5(?:\.\d+)?-chat/, reasons: 'never' },
];

/** A variant as it holds for one model, with nothing left out. */
export interface ResponsesProfile {
  readonly parameters: ReadonlySet<string> | 'all';
  readonly instructions: 'parameter' | 'message';
  readonly storing: boolean;
  readonly leastOutputTokens: number;
  readonly reasons: 'always' | 'never' | 'unknown';
  readonly refuses: ReadonlySet<string>;
}

/** The profiles of a variant's models. */
export function profilesOf(variant: OpenAIResponsesVariant): (model: string) => ResponsesProfile {
  const { parameters = responsesParameters, modelRules = openaiModelRules } = variant;
  const accepted = parameters === 'all' ? parameters : new Set(parameters);
  return (model) => {
    const rules = modelRules.filter(({ models }) => models.test(model));
    return {
      parameters: accepted,
      instructions: variant.instructions ?? 'parameter',
      storing: variant.storing ?? true,
      leastOutputTokens: variant.leastOutputTokens ?? usualLeastOutputTokens,
      reasons: rules.findLast((rule) => rule.reasons !== undefined)?.reasons ?? 'unknown',
      refuses: new Set(rules.flatMap((rule) => rule.refuses ?? [])),
    };
  };
}

/** Whether a top-level parameter may be sent. */
export function accepts(profile: ResponsesProfile, parameter: string): boolean {
  if (profile.refuses.has(parameter)) return false;
  return profile.parameters === 'all' || profile.parameters.has(parameter);
}
