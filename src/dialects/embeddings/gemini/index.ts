import type { EmbeddingFormat } from '../format.ts';
import { encodeRequest, type GeminiEmbedMethod, passThrough } from './request.ts';
import { decodeAnswer, inspectAnswer } from './response.ts';

export { geminiEmbeddingCaller } from './caller.ts';
export type { GeminiEmbedMethod } from './request.ts';

/** Gemini's embeddings: https://ai.google.dev/api/embeddings */
export function geminiEmbeddings(method: GeminiEmbedMethod = 'batchEmbedContents'): EmbeddingFormat {
  return {
    name: 'gemini',
    encode: (request, target) => encodeRequest(request, target, method),
    decode: decodeAnswer,
    ...(method === 'batchEmbedContents' && { passThrough: { request: passThrough, answer: inspectAnswer } }),
  };
}
