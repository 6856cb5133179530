import {
  type InstructionRoles,
  type MaxTokensField,
  type ModelRule,
  type OpenAIChatVariant,
  openaiParameters,
  type ReasoningParameter,
} from './variant.ts';

const samplingParameters = [
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
] as const;

/** https://platform.openai.com/docs/guides/reasoning */
const openaiModelRules: readonly ModelRule[] = [
  {
    models: /^(?:ft:)?(?:gpt-3\.5|gpt-4|chatgpt-4o)/,
    maxTokensFields: ['max_completion_tokens', 'max_tokens'],
    reasoningParameter: 'none',
  },
  { models: /^(?:ft:)?o\d/, refuses: [...samplingParameters, 'stop', 'parallel_tool_calls'] },
  // From 5.1 on these are taken while the model does not reason.
  { models: /^gpt-5(?:-(?!chat)|$)/, refuses: samplingParameters },
  { models: /^gpt-5-chat/, reasoningParameter: 'none' },
  { models: /^o1-(?:mini|preview)/, instructionRoles: 'user', reasoningParameter: 'none' },
];

/** A variant with nothing left out, in the form the codec reads. */
export interface ResolvedVariant {
  readonly parameters: ReadonlySet<string> | 'all';
  readonly maxTokensFields: readonly MaxTokensField[];
  readonly seedField: 'seed' | 'random_seed';
  readonly streamOptions: boolean;
  readonly requiredToolChoice: 'required' | 'any';
  readonly namedToolChoice: boolean;
  readonly allowedTools: boolean;
  readonly strictTools: boolean;
  readonly toolCallIds: 'any' | 'nine-alphanumerics';
  readonly jsonSchema: boolean;
  readonly instructionRoles: InstructionRoles;
  readonly content: 'parts' | 'string';
  readonly toolResultMedia: boolean;
  readonly extraFields: ReadonlySet<string> | 'all';
  readonly reasoningParameter: ReasoningParameter;
  readonly reasoningHistory: 'none' | 'reasoning_content' | 'reasoning' | 'thinking-parts';
  readonly reasoningDetails: boolean;
  readonly reasoningTokens: 'in-completion' | 'beside-completion';
  readonly doneMarker: 'required' | 'optional';
  readonly finishReason: 'required' | 'optional';
  readonly modelRules: readonly ModelRule[];
}

export function resolveVariant(variant: OpenAIChatVariant): ResolvedVariant {
  const parameters = variant.parameters ?? openaiParameters;
  const extraFields = variant.extraFields ?? ['name', 'refusal', 'audio', 'annotations'];
  return {
    maxTokensFields: ['max_completion_tokens'],
    seedField: 'seed',
    streamOptions: true,
    requiredToolChoice: 'required',
    namedToolChoice: true,
    allowedTools: true,
    strictTools: true,
    toolCallIds: 'any',
    jsonSchema: true,
    instructionRoles: 'both',
    content: 'parts',
    toolResultMedia: false,
    reasoningParameter: 'effort',
    reasoningHistory: 'none',
    reasoningDetails: false,
    reasoningTokens: 'in-completion',
    doneMarker: 'required',
    finishReason: 'required',
    modelRules: openaiModelRules,
    ...variant,
    parameters: parameters === 'all' ? 'all' : new Set(parameters),
    extraFields: extraFields === 'all' ? 'all' : new Set(extraFields),
  };
}

/** A variant as it holds for one model. */
export interface ModelProfile extends ResolvedVariant {
  readonly refuses: ReadonlySet<string>;
  readonly translateAnswers: boolean;
}

const refusesNothing: ReadonlySet<string> = new Set();

/** The profiles of a variant's models. Models to which the same rules apply share one. */
export function profilesOf(variant: ResolvedVariant): (model: string) => ModelProfile {
  const made = new Map<string, ModelProfile>();
  return (model) => {
    let applies = '';
    for (const { models } of variant.modelRules) applies += models.test(model) ? '1' : '0';
    let profile = made.get(applies);
    if (profile === undefined) {
      profile = profileFor(variant, model);
      made.set(applies, profile);
    }
    return profile;
  };
}

function profileFor(variant: ResolvedVariant, model: string): ModelProfile {
  let profile: ModelProfile = { ...variant, refuses: refusesNothing, translateAnswers: false };
  for (const { models, refuses, ...differs } of variant.modelRules) {
    if (!models.test(model)) continue;
    profile = { ...profile, ...differs };
    if (refuses !== undefined) profile = { ...profile, refuses: new Set([...profile.refuses, ...refuses]) };
  }
  return profile;
}

/** Whether a top-level parameter may be sent. */
export function accepts(profile: ModelProfile, parameter: string): boolean {
  if (profile.refuses.has(parameter)) return false;
  return profile.parameters === 'all' || profile.parameters.has(parameter);
}

/** Whether a message, content part or tool may carry a member beyond the common grammar. */
export function acceptsField(variant: ResolvedVariant, field: string): boolean {
  return variant.extraFields === 'all' || variant.extraFields.has(field);
}
