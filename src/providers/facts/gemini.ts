import { embeddingModel, type FactRule, imageModel } from './model-facts.ts';

/** https://ai.google.dev/gemini-api/docs/models */
export const geminiFacts: readonly FactRule[] = [
  {
    models: /^gemini-/,
    facts: {
      tools: true,
      parallelTools: true,
      toolChoice: true,
      vision: true,
      audioInput: true,
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
  { models: /^gemini-(?:1\.5|2\.0)-/, facts: { reasoning: false, maxOutputTokens: 8_192 } },
  { models: /^gemini-(?:1\.5-flash|2\.0)-?/, facts: { contextWindow: 1_048_576 } },
  { models: /^gemini-(?:2\.5|[3-9])/, facts: { maxOutputTokens: 65_536 } },
  { models: /^gemini-(?:2\.5-(?:pro|flash)|4-argon)/, facts: { contextWindow: 1_048_576 } },
  // https://ai.google.dev/gemini-api/docs/image-generation
  {
    models: /^gemini-2\.(?:0|5)-flash.*-image/,
    facts: { tools: false, audioInput: false, images: true, contextWindow: 65_536, maxOutputTokens: 32_768 },
  },
  { models: /-tts(?:-|$)/, facts: { tools: false, vision: false, audioInput: false, files: false, jsonSchema: false } },
  // https://ai.google.dev/gemma/docs/core/gemma_on_gemini_api
  {
    models: /^gemma-3n?-/,
    facts: { tools: false, jsonSchema: false, jsonMode: false, audioInput: false, reasoning: false },
  },
  { models: /^(?:gemini-embedding|text-embedding|embedding)-/, facts: embeddingModel },
  { models: /^imagen-/, facts: imageModel },
];
