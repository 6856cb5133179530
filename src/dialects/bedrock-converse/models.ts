import { type ModelTraits as ClaudeTraits, traitsOf as claudeTraitsOf } from '../anthropic-messages/models.ts';

type Taken = 'accepted' | 'refused';

/** What a model takes through Converse. Source: the two pages below, and the page of each parameter. */
export interface ModelTraits {
  /** Matched against Bedrock's name of the model, which may begin with a region (`us.`) or be an ARN. */
  readonly match: RegExp;
  /** Where it is refused, the system prompt begins the first user turn. https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html */
  readonly system: Taken;
  readonly images: Taken;
  readonly audio: Taken;
  readonly tools: Taken;
  /** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html */
  readonly toolChoices: readonly ('auto' | 'any' | 'tool')[];
  /** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolResultBlock.html */
  readonly toolResultStatus: Taken;
  /** https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html */
  readonly cachePoints: Taken;
  /** Where `additionalModelRequestFields` has the model's top k. https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html */
  readonly topK: 'none' | 'top_k' | 'k' | 'inferenceConfig.topK';
  /** How `additionalModelRequestFields` sets its reasoning. */
  readonly reasoning: 'none' | 'thinking' | 'reasoningConfig' | 'reasoning_effort';
  /** `outputConfig` and strict tools. https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html */
  readonly structuredOutput: Taken;
}

/** What most models of today take. */
const usual: ModelTraits = {
  match: /(?:)/,
  system: 'accepted',
  images: 'accepted',
  audio: 'refused',
  tools: 'accepted',
  toolChoices: ['auto'],
  toolResultStatus: 'refused',
  cachePoints: 'refused',
  topK: 'none',
  reasoning: 'none',
  structuredOutput: 'refused',
};

/** Text in, text out, no tools. */
const plain: ModelTraits = { ...usual, images: 'refused', tools: 'refused', toolChoices: [] };
const forcing = { toolChoices: ['auto', 'any', 'tool'] } as const;

const claude: ModelTraits = {
  ...usual,
  ...forcing,
  match: /claude/,
  toolResultStatus: 'accepted',
  cachePoints: 'accepted',
  topK: 'top_k',
  reasoning: 'thinking',
};
/**
 * ARNs that do not say which model is behind them: most often a Claude, and no other family takes more.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles.html
 */
const unnamed: ModelTraits = {
  ...claude,
  match: /:(?:application-inference-profile|provisioned-model|custom-model-deployment|(?:default-)?prompt-router)\//,
};
const claude3: ModelTraits = {
  ...claude,
  match: /claude-3-(?:haiku|sonnet|opus)|claude-3-5-sonnet-20240620/,
  cachePoints: 'refused',
};
const claude2: ModelTraits = { ...plain, match: /claude-(?:v2|instant)/, topK: 'top_k' };

const nova: ModelTraits = {
  ...usual,
  ...forcing,
  match: /\bnova-/,
  toolResultStatus: 'accepted',
  cachePoints: 'accepted',
  topK: 'inferenceConfig.topK',
};
const novaMicro: ModelTraits = { ...nova, match: /\bnova-micro/, images: 'refused' };
/** https://docs.aws.amazon.com/nova/latest/nova2-userguide/extended-thinking.html */
const nova2: ModelTraits = { ...nova, match: /\bnova-2-/, reasoning: 'reasoningConfig' };
const nova2Omni: ModelTraits = { ...nova2, match: /\bnova-2-omni/, audio: 'accepted' };

const gptOss: ModelTraits = {
  ...usual,
  match: /\bgpt-oss/,
  images: 'refused',
  reasoning: 'reasoning_effort',
  structuredOutput: 'accepted',
};
const openWeights: ModelTraits = {
  ...usual,
  match: /\b(?:qwen|minimax|kimi|gemma|nemotron|glm|deepseek\.v3|ministral|magistral|devstral|mistral-large-3)/,
  structuredOutput: 'accepted',
};
const voxtral: ModelTraits = { ...openWeights, match: /\bvoxtral/, images: 'refused', audio: 'accepted' };

const mistral: ModelTraits = {
  ...usual,
  match: /\bmistral-(?:large|small)/,
  toolChoices: ['auto', 'any'],
  toolResultStatus: 'accepted',
};
const mistralLarge2402: ModelTraits = { ...mistral, match: /\bmistral-(?:large|small)-24/, images: 'refused' };
const pixtral: ModelTraits = { ...mistral, match: /\bpixtral/ };
const mistral7b: ModelTraits = { ...plain, match: /\bmi[sx]tral-(?:7b|8x7b)/, system: 'refused', topK: 'top_k' };

const llama: ModelTraits = { ...usual, match: /\bllama/, toolChoices: [] };
const llamaText: ModelTraits = { ...llama, match: /\bllama3-[13]-/, images: 'refused' };
const llamaWithoutTools: ModelTraits = { ...plain, match: /\bllama(?:2|3-8b|3-70b|3-2-[13]b)/ };

const command: ModelTraits = { ...usual, match: /\bcommand-r/, images: 'refused', toolChoices: [], topK: 'k' };
const commandText: ModelTraits = { ...plain, match: /\bcommand-(?:light-)?text/, system: 'refused', topK: 'k' };
const titan: ModelTraits = { ...plain, match: /\btitan-/, system: 'refused' };
const jamba: ModelTraits = { ...usual, match: /\bjamba-1-5/, images: 'refused', toolChoices: [] };
const jurassic: ModelTraits = { ...plain, match: /\bj2-/, system: 'refused' };
const deepseekR1: ModelTraits = { ...plain, match: /\bdeepseek\.r1/ };

const known: readonly ModelTraits[] = [
  unnamed,
  claude2,
  claude3,
  claude,
  nova2Omni,
  nova2,
  novaMicro,
  nova,
  gptOss,
  voxtral,
  openWeights,
  mistral7b,
  mistralLarge2402,
  mistral,
  pixtral,
  llamaWithoutTools,
  llamaText,
  llama,
  command,
  commandText,
  titan,
  jamba,
  jurassic,
  deepseekR1,
];

/** What is known of a model; entries of `more` win over the built-in table, and the first that matches counts. */
export function traitsOf(model: string, more: readonly ModelTraits[] = []): ModelTraits {
  const found = more.find(({ match }) => match.test(model)) ?? known.find(({ match }) => match.test(model)) ?? usual;
  const ofClaude = claudeOf(model);
  if (found !== claude || ofClaude === undefined) return found;
  return {
    ...claude,
    structuredOutput: ofClaude.structuredOutput,
    toolChoices: ofClaude.forcedToolChoice === 'refused' ? ['auto'] : claude.toolChoices,
  };
}

/** What Anthropic's own API says of a Claude, or of what may be one; nothing for other models. */
export function claudeOf(model: string): ClaudeTraits | undefined {
  return /claude/.test(model) || unnamed.match.test(model) ? claudeTraitsOf(model) : undefined;
}
