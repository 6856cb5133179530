import type { DialectName } from '../../core/dialect-name.ts';
import { cohereEmbeddingCaller } from './cohere/index.ts';
import type { EmbeddingCaller } from './format.ts';
import { geminiEmbeddingCaller } from './gemini/index.ts';
import { ollamaEmbeddingCaller } from './ollama/index.ts';
import { openaiEmbeddingCaller } from './openai/index.ts';

/** How embeddings are asked for in the dialects that have them. */
export const embeddingCallers: Readonly<Partial<Record<DialectName, EmbeddingCaller>>> = {
  'openai-chat': openaiEmbeddingCaller,
  gemini: geminiEmbeddingCaller,
  'cohere-chat': cohereEmbeddingCaller,
  'ollama-chat': ollamaEmbeddingCaller,
};
