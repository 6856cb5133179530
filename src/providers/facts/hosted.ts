import { embeddingModel, type FactRule, type ModelFacts, otherModel } from './model-facts.ts';

const textOnly: ModelFacts = { vision: false, audioInput: false, files: false };

/** https://docs.mistral.ai/getting-started/models and https://docs.mistral.ai/capabilities/vision */
export const mistralFacts: readonly FactRule[] = [
  { models: /^/, facts: { streaming: true, jsonMode: true, choices: true } },
  {
    models:
      /^(?:pixtral|mistral-medium-(?:latest|25|26|3)|mistral-small-(?:latest|250[36]|26)|mistral-large-(?:latest|2512|26))/,
    facts: { tools: true, vision: true },
  },
  {
    models: /^(?:open-|codestral-|mistral-(?:large|small)-24|mistral-small-2501|ministral-\db-2410|mistral-saba)/,
    facts: textOnly,
  },
  { models: /^(?:open-mistral-7b|open-mixtral-8x7b|mistral-tiny)/, facts: { tools: false, contextWindow: 32_768 } },
  { models: /^mistral-large-24(?:07|11)$/, facts: { contextWindow: 131_072 } },
  { models: /^mistral-(?:large|small)-latest$/, facts: { contextWindow: 262_144 } },
  { models: /^magistral-/, facts: { reasoning: true } },
  { models: /^voxtral-/, facts: { audioInput: true } },
  { models: /^(?:mistral-embed|codestral-embed)/, facts: embeddingModel },
  { models: /^mistral-(?:ocr|moderation)/, facts: otherModel },
];

/** https://console.groq.com/docs/models, https://console.groq.com/docs/openai, https://console.groq.com/docs/structured-outputs */
export const groqFacts: readonly FactRule[] = [
  {
    models: /^/,
    facts: { tools: true, audioInput: false, files: false, jsonMode: true, choices: false, streaming: true },
  },
  { models: /^llama-3/, facts: { ...textOnly, jsonSchema: false, contextWindow: 131_072 } },
  { models: /^(?:openai\/gpt-oss|meta-llama\/llama-4|moonshotai\/kimi-k2)/, facts: { jsonSchema: true } },
  { models: /^(?:whisper|playai|canopylabs)/, facts: otherModel },
];

/** https://api-docs.deepseek.com/quick_start/pricing */
export const deepseekFacts: readonly FactRule[] = [
  {
    models: /^/,
    facts: {
      tools: true,
      audioInput: false,
      jsonSchema: false,
      jsonMode: true,
      reasoning: true,
      choices: false,
      streaming: true,
    },
  },
  {
    models: /^deepseek-(?:flash|v4-flash)$/,
    facts: { vision: true, contextWindow: 1_000_000, maxOutputTokens: 384_000 },
  },
  { models: /^deepseek-v4-pro$/, facts: { ...textOnly, contextWindow: 1_000_000, maxOutputTokens: 384_000 } },
];

/** https://docs.cohere.com/docs/models */
export const cohereFacts: readonly FactRule[] = [
  { models: /^command/, facts: { audioInput: false, choices: false, streaming: true } },
  {
    models: /^command-(?:r|a-03-2025|a-reasoning|a-translate)/,
    facts: { ...textOnly, tools: true, jsonSchema: true, jsonMode: true },
  },
  { models: /^command-(?:r|r-plus)(?:-0\d-2024)?$/, facts: { contextWindow: 128_000, maxOutputTokens: 4_000 } },
  { models: /^command-r7b/, facts: { contextWindow: 128_000, maxOutputTokens: 4_000 } },
  { models: /^command-a-03-2025$/, facts: { contextWindow: 256_000, maxOutputTokens: 8_000 } },
  {
    models: /^command-a-vision/,
    facts: { vision: true, tools: false, contextWindow: 128_000, maxOutputTokens: 8_000 },
  },
  { models: /^command-a-reasoning/, facts: { reasoning: true, contextWindow: 256_000, maxOutputTokens: 32_000 } },
  { models: /^(?:command|command-light)(?:-nightly)?$/, facts: { ...textOnly, tools: false, contextWindow: 4_096 } },
  { models: /^embed-/, facts: embeddingModel },
  { models: /^rerank-/, facts: otherModel },
];

/** https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html */
export const bedrockFacts: readonly FactRule[] = [
  { models: /^/, facts: { choices: false, audioInput: false } },
  {
    models: /amazon\.titan-text/,
    facts: { ...textOnly, tools: false, reasoning: false, jsonSchema: false, jsonMode: false, streaming: true },
  },
  { models: /amazon\.titan-text-lite/, facts: { contextWindow: 4_096 } },
  { models: /amazon\.titan-text-express/, facts: { contextWindow: 8_192 } },
  { models: /amazon\.titan-text-premier/, facts: { contextWindow: 32_000 } },
  { models: /meta\.llama3-(?:8|70)b/, facts: { tools: false, contextWindow: 8_192 } },
  { models: /amazon\.nova-micro/, facts: textOnly },
  { models: /amazon\.nova-(?:lite|pro|premier)-v1/, facts: { tools: true, vision: true, files: true } },
  { models: /(?:titan-embed|cohere\.embed)/, facts: embeddingModel },
];

/** https://docs.ollama.com/api/openai-compatibility: neither a tool choice nor several answers. */
export const ollamaFacts: readonly FactRule[] = [
  { models: /^/, facts: { toolChoice: false, choices: false, streaming: true } },
];
