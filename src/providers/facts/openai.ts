import { embeddingModel, type FactRule, imageModel, type ModelFacts, otherModel } from './model-facts.ts';

const textOnly: ModelFacts = { vision: false, audioInput: false, files: false };

/** https://platform.openai.com/docs/models */
export const openaiFacts: readonly FactRule[] = [
  {
    models: /^(?:ft:)?(?:gpt-|o\d|codex)/,
    facts: {
      tools: true,
      parallelTools: true,
      toolChoice: true,
      vision: true,
      files: true,
      jsonSchema: true,
      jsonMode: true,
      reasoning: true,
      choices: true,
      streaming: true,
      embeddings: false,
      images: false,
    },
  },
  {
    models: /^(?:ft:)?gpt-3\.5-turbo/,
    facts: { ...textOnly, jsonSchema: false, reasoning: false, contextWindow: 16_385, maxOutputTokens: 4_096 },
  },
  {
    models: /^(?:ft:)?gpt-4(?:-0\d{3})?$/,
    facts: {
      ...textOnly,
      jsonSchema: false,
      jsonMode: false,
      reasoning: false,
      contextWindow: 8_192,
      maxOutputTokens: 8_192,
    },
  },
  {
    models: /^gpt-4-(?:turbo|1106|0125)/,
    facts: { audioInput: false, jsonSchema: false, reasoning: false, contextWindow: 128_000, maxOutputTokens: 4_096 },
  },
  { models: /^gpt-4-(?:turbo-preview|1106-preview|0125-preview)$/, facts: { vision: false, files: false } },
  { models: /^(?:ft:)?gpt-4o/, facts: { audioInput: false, reasoning: false, maxOutputTokens: 16_384 } },
  { models: /^gpt-4o-2024-05-13$/, facts: { jsonSchema: false, maxOutputTokens: 4_096 } },
  { models: /^gpt-4o(?:-mini)?-audio/, facts: { audioInput: true, vision: false, files: false, jsonSchema: false } },
  {
    models: /^chatgpt-4o/,
    facts: { tools: false, vision: true, audioInput: false, reasoning: false, jsonSchema: false },
  },
  { models: /^gpt-4o(?:-mini)?-search/, facts: { ...textOnly, tools: false } },
  { models: /^(?:ft:)?gpt-4\.1/, facts: { audioInput: false, reasoning: false, maxOutputTokens: 32_768 } },
  { models: /^gpt-5(?:-mini|-nano)?(?:-2025-\d\d-\d\d)?$/, facts: { audioInput: false, maxOutputTokens: 128_000 } },
  { models: /^gpt-5-chat/, facts: { audioInput: false, reasoning: false } },
  // https://platform.openai.com/docs/guides/reasoning
  { models: /^(?:ft:)?o\d/, facts: { parallelTools: false, audioInput: false } },
  {
    models: /^o1-(?:mini|preview)/,
    facts: { ...textOnly, tools: false, toolChoice: false, jsonSchema: false, jsonMode: false },
  },
  { models: /^o3-mini/, facts: textOnly },
  { models: /-(?:tts|transcribe)|^gpt-realtime|^gpt-audio-realtime/, facts: otherModel },
  { models: /^(?:tts|whisper|omni-moderation|text-moderation)-/, facts: otherModel },
  { models: /^text-embedding-/, facts: embeddingModel },
  { models: /^(?:dall-e|gpt-image)-/, facts: imageModel },
];
