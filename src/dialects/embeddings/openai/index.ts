import type { EmbeddingFormat } from '../format.ts';
import { encodeRequest, passThrough } from './request.ts';
import { decodeAnswer, inspectAnswer } from './response.ts';
import { type OpenAIEmbeddingVariant, resolveVariant } from './variant.ts';

export { openaiEmbeddingCaller } from './caller.ts';
export type { OpenAIEmbeddingVariant } from './variant.ts';

/**
 * OpenAI's embeddings (https://platform.openai.com/docs/api-reference/embeddings), and through `variant` everything
 * that is modelled on them.
 */
export function openaiEmbeddings(variant: OpenAIEmbeddingVariant = {}): EmbeddingFormat {
  const resolved = resolveVariant(variant);
  return {
    name: 'openai',
    encode: (request, target) => encodeRequest(request, target, resolved),
    decode: (body) => decodeAnswer(body, resolved),
    passThrough: {
      request: (body, target) => passThrough(body, target, resolved),
      answer: inspectAnswer,
    },
  };
}
