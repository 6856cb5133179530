/** What a model takes and what it answers with a 400. Sources: the pages below and the migration guide of each model. */
export interface ModelTraits {
  /** Matched against the provider's name of the model. */
  readonly match: RegExp;
  /** Most tokens of one answer. Larger bounds are lowered to it. https://platform.claude.com/docs/en/about-claude/models/overview */
  readonly maxOutputTokens: number;
  /**
   * `max_tokens` when the caller names no bound: the API requires one. At most 32,000, because prompt and bound together
   * must fit into the context window of older models and an answer that is not streamed may not take too long.
   */
  readonly defaultMaxTokens: number;
  /** `budget`: `thinking.budget_tokens`. `adaptive`: `output_config.effort`. https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking */
  readonly thinking: 'none' | 'budget' | 'budget-or-adaptive' | 'adaptive';
  /** Whether `thinking: {type: "disabled"}` is taken. */
  readonly thinkingOff: 'accepted' | 'refused';
  /** Levels of `output_config.effort`, lowest first. https://platform.claude.com/docs/en/build-with-claude/effort */
  readonly efforts: readonly string[];
  /** Sampling parameters: all, `temperature` or `top_p` but not both, or none. */
  readonly sampling: 'all' | 'one-of' | 'none';
  /** Whether `tool_choice` may force a call. Next to a thinking budget no model takes it. */
  readonly forcedToolChoice: 'accepted' | 'refused';
  /** `output_config.format` and strict tools. https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
  readonly structuredOutput: 'accepted' | 'refused';
  /** `role: "system"` inside `messages`. https://platform.claude.com/docs/en/build-with-claude/mid-conversation-system-messages */
  readonly systemTurns: 'accepted' | 'refused';
}

const claude3: ModelTraits = {
  match: /claude-(?:instant|v?2|3-(?:opus|sonnet|haiku))/,
  maxOutputTokens: 4096,
  defaultMaxTokens: 4096,
  thinking: 'none',
  thinkingOff: 'accepted',
  efforts: [],
  sampling: 'all',
  forcedToolChoice: 'accepted',
  structuredOutput: 'refused',
  systemTurns: 'refused',
};

const claude35: ModelTraits = {
  ...claude3,
  match: /claude-3[-.]5-/,
  maxOutputTokens: 8192,
  defaultMaxTokens: 8192,
};

const claude37: ModelTraits = {
  ...claude3,
  match: /claude-3[-.]7-/,
  maxOutputTokens: 64_000,
  defaultMaxTokens: 32_000,
  thinking: 'budget',
};

const sonnet4: ModelTraits = { ...claude37, match: /claude-sonnet-4/ };
const opus4: ModelTraits = { ...claude37, match: /claude-opus-4/, maxOutputTokens: 32_000 };
const opus41: ModelTraits = { ...opus4, match: /claude-opus-4[-.]1/, sampling: 'one-of' };

const claude45: ModelTraits = {
  ...claude37,
  match: /claude-(?:sonnet|haiku)-4[-.]5/,
  sampling: 'one-of',
  structuredOutput: 'accepted',
};
const opus45: ModelTraits = { ...claude45, match: /claude-opus-4[-.]5/, efforts: ['low', 'medium', 'high'] };

const sonnet46: ModelTraits = {
  ...claude45,
  match: /claude-sonnet-4[-.]6/,
  thinking: 'budget-or-adaptive',
  efforts: ['low', 'medium', 'high', 'max'],
};
const opus46: ModelTraits = { ...sonnet46, match: /claude-opus-4[-.]6/, maxOutputTokens: 128_000 };

const opus47: ModelTraits = {
  ...opus46,
  match: /claude-opus-4[-.]7/,
  thinking: 'adaptive',
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  sampling: 'none',
};
const opus48: ModelTraits = { ...opus47, match: /claude-opus-4[-.]8/, systemTurns: 'accepted' };

const sonnet5: ModelTraits = { ...opus47, match: /claude-sonnet-5/ };
const claude5: ModelTraits = { ...opus48, match: /claude-(?:opus|haiku)-5/ };
const fable5: ModelTraits = { ...claude5, match: /claude-(?:fable|mythos)/, thinkingOff: 'refused' };
const fable51: ModelTraits = { ...fable5, match: /claude-(?:fable|mythos)-5[-.]\d(?!\d)/, forcedToolChoice: 'refused' };
const claude55: ModelTraits = { ...fable51, match: /claude-(?:opus|sonnet)-5[-.]5(?!\d)/ };

/** A Claude too new for this table is taken to refuse what the newest known one refuses. */
const newest: ModelTraits = { ...claude55, match: /claude/ };

/** Anything else behind a Messages API of its own (DeepSeek, GLM, Kimi, ...): what they all take. */
const other: ModelTraits = {
  ...claude37,
  match: /(?:)/,
  maxOutputTokens: Number.POSITIVE_INFINITY,
  defaultMaxTokens: 8192,
};

const known: readonly ModelTraits[] = [
  claude55,
  fable51,
  fable5,
  sonnet5,
  claude5,
  opus48,
  opus47,
  opus46,
  sonnet46,
  opus45,
  claude45,
  opus41,
  opus4,
  sonnet4,
  claude37,
  claude35,
  claude3,
  newest,
];

/** What is known of a model; entries of `more` win over the built-in table, and the first that matches counts. */
export function traitsOf(model: string, more: readonly ModelTraits[] = []): ModelTraits {
  return more.find(({ match }) => match.test(model)) ?? known.find(({ match }) => match.test(model)) ?? other;
}
