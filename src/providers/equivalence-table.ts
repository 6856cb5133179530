/** What a model is good for, as far as a stand-in for it is concerned. */
export type Tier = (typeof tiers)[number];

export const tiers = ['frontier', 'balanced', 'small', 'reasoning'] as const;

export interface Equivalents {
  /** The provider's model that stands in for another provider's model of this tier. */
  readonly standIn: string;
  /**
   * The provider's models that count as this tier. `*` stands for a version number (`4`, `3.5`, `4-5`); a date, a build
   * number, `-latest`, `-preview` or `-exp` at the end makes no difference.
   */
  readonly members: readonly string[];
}

/**
 * Models of different providers that can stand in for each other. A stand-in is a model its provider serves today and
 * that takes the sampling parameters callers send wherever the provider still has such a model; what a provider has
 * retired is a member only, so that its callers are carried over.
 *
 * Names and life cycles, as of November 2026: https://developers.openai.com/api/docs/deprecations
 * https://platform.claude.com/docs/en/about-claude/model-deprecations https://ai.google.dev/gemini-api/docs/deprecations
 * https://docs.mistral.ai/getting-started/models https://docs.cohere.com/docs/models https://api-docs.deepseek.com/quick_start/pricing
 * https://console.groq.com/docs/models https://docs.together.ai/docs/inference/recommended-models
 * https://huggingface.co/docs/inference-providers
 */
export const equivalenceTable: Readonly<Record<Tier, Readonly<Record<string, Equivalents>>>> = {
  frontier: {
    openai: {
      standIn: 'gpt-5.6-sol',
      members: ['gpt-5.5', 'gpt-5.6', 'gpt-*-sol', 'gpt-*-astra', 'gpt-*-pro'],
    },
    anthropic: { standIn: 'claude-opus-4-6', members: ['claude-opus-*', 'claude-*-opus', 'claude-fable-*'] },
    gemini: { standIn: 'gemini-4-argon', members: ['gemini-*-argon', 'gemini-*-pro', 'gemini-pro'] },
    mistral: { standIn: 'mistral-large-latest', members: [] },
    cohere: { standIn: 'command-a-plus-05-2026', members: ['command-a-plus-*'] },
    together: { standIn: 'moonshotai/Kimi-K3', members: ['moonshotai/Kimi-K*'] },
  },
  balanced: {
    openai: {
      standIn: 'gpt-5.4',
      members: ['gpt-4o', 'gpt-4-turbo', 'gpt-*', 'gpt-*-chat', 'gpt-*-terra', 'chatgpt-4o'],
    },
    anthropic: { standIn: 'claude-sonnet-4-6', members: ['claude-sonnet-*', 'claude-*-sonnet'] },
    gemini: {
      standIn: 'gemini-3.8-flash',
      members: ['gemini-1.5-pro', 'gemini-2.5-pro', 'gemini-*-flash', 'gemini-flash'],
    },
    mistral: {
      standIn: 'mistral-large-latest',
      members: ['mistral-large', 'mistral-large-*', 'mistral-medium', 'mistral-medium-*'],
    },
    cohere: {
      standIn: 'command-a-03-2025',
      members: ['command-a-*', 'command-r-plus', 'command-r-plus-*'],
    },
    deepseek: {
      standIn: 'deepseek-flash',
      members: ['deepseek-chat', 'deepseek-flash', 'deepseek-v*-flash', 'deepseek-v*-pro'],
    },
    groq: { standIn: 'openai/gpt-oss-120b', members: ['openai/gpt-oss-120b', 'llama-*-70b-versatile'] },
    together: {
      standIn: 'openai/gpt-oss-120b',
      members: ['openai/gpt-oss-120b', 'meta-llama/Llama-*-70B-Instruct-Turbo', 'deepseek-ai/DeepSeek-V*'],
    },
    'hugging-face': {
      standIn: 'openai/gpt-oss-120b',
      members: ['openai/gpt-oss-120b', 'meta-llama/Llama-*-70B-Instruct', 'deepseek-ai/DeepSeek-V*'],
    },
  },
  small: {
    openai: {
      standIn: 'gpt-5.4-mini',
      members: ['gpt-3.5-turbo', 'gpt-4o-mini', 'gpt-*-mini', 'gpt-*-nano', 'gpt-*-luna'],
    },
    anthropic: { standIn: 'claude-haiku-4-5', members: ['claude-haiku-*', 'claude-*-haiku'] },
    gemini: {
      standIn: 'gemini-3.5-flash-lite',
      members: [
        'gemini-1.5-flash',
        'gemini-2.0-flash',
        'gemini-2.5-flash',
        'gemini-*-flash-lite',
        'gemini-*-flash-8b',
        'gemini-flash-lite',
      ],
    },
    mistral: {
      standIn: 'mistral-small-latest',
      members: ['mistral-small', 'mistral-small-*', 'ministral-*b', 'open-mistral-nemo', 'mistral-nemo'],
    },
    cohere: { standIn: 'command-r7b-12-2024', members: ['command-r', 'command-r-*', 'command-r*b-*'] },
    deepseek: { standIn: 'deepseek-flash', members: [] },
    groq: { standIn: 'openai/gpt-oss-20b', members: ['openai/gpt-oss-20b', 'llama-*-8b-instant'] },
    together: { standIn: 'openai/gpt-oss-20b', members: ['openai/gpt-oss-20b'] },
    'hugging-face': {
      standIn: 'openai/gpt-oss-20b',
      members: ['openai/gpt-oss-20b', 'meta-llama/Llama-*-8B-Instruct'],
    },
  },
  reasoning: {
    openai: { standIn: 'gpt-5.6-sol', members: ['o*', 'o*-mini', 'o*-pro'] },
    anthropic: { standIn: 'claude-opus-4-6', members: [] },
    gemini: { standIn: 'gemini-4-argon', members: [] },
    mistral: { standIn: 'mistral-medium-latest', members: ['magistral-medium', 'magistral-small'] },
    cohere: { standIn: 'command-a-reasoning-08-2025', members: ['command-a-reasoning-*'] },
    deepseek: { standIn: 'deepseek-flash', members: ['deepseek-reasoner'] },
    groq: { standIn: 'openai/gpt-oss-120b', members: [] },
    together: { standIn: 'openai/gpt-oss-120b', members: ['deepseek-ai/DeepSeek-R*'] },
    'hugging-face': { standIn: 'openai/gpt-oss-120b', members: ['deepseek-ai/DeepSeek-R*'] },
  },
};

/** The models a provider is known to serve today: its stand-ins, without repetition. */
export function currentModels(provider: string): readonly string[] {
  const standIns = Object.values(equivalenceTable).flatMap((tier) => tier[provider]?.standIn ?? []);
  return [...new Set(standIns)];
}
