import type { FactRule } from './model-facts.ts';

/**
 * Models with open weights, by the names their hosts give them (`meta-llama/Llama-3.3-70B-Instruct-Turbo`,
 * `us.meta.llama3-3-70b-instruct-v1:0`): only what lies in the weights, so that it holds at any host.
 */
export const openModelFacts: readonly FactRule[] = [
  // https://www.llama.com/docs/model-cards-and-prompt-formats/
  {
    models: /llama-?(?:2|3(?![.-]2-(?:11|90)b)(?!.*vision))/i,
    facts: { vision: false, audioInput: false, reasoning: false },
  },
  { models: /llama-?(?:3[.-]2-(?:11|90)b|4)/i, facts: { vision: true, audioInput: false, reasoning: false } },
  // https://huggingface.co/openai/gpt-oss-120b
  {
    models: /gpt-oss-\d+b/i,
    facts: { tools: true, vision: false, audioInput: false, reasoning: true, contextWindow: 131_072 },
  },
  // https://huggingface.co/deepseek-ai
  { models: /deepseek-(?:r1|v3)/i, facts: { vision: false, audioInput: false } },
  { models: /deepseek-r1/i, facts: { reasoning: true } },
  // https://huggingface.co/mistralai
  { models: /mi[sx]tral-(?:7b|8x7b|8x22b|nemo)/i, facts: { vision: false, audioInput: false, reasoning: false } },
  // https://huggingface.co/Qwen
  { models: /qwen-?(?:2|2\.5|3)-(?:coder-)?\d+(?:\.\d+)?b/i, facts: { vision: false, audioInput: false } },
  // https://huggingface.co/moonshotai
  { models: /kimi-k2-(?:instruct|thinking)/i, facts: { vision: false, audioInput: false } },
  {
    models: /kimi-k3/i,
    facts: { tools: true, vision: true, reasoning: true, contextWindow: 1_048_576, maxOutputTokens: 131_072 },
  },
];
