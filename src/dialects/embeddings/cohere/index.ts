import type { EmbeddingFormat } from '../format.ts';
import { type CohereHost, encodeRequest, passThrough } from './request.ts';
import { decodeAnswer, inspectAnswer } from './response.ts';

export { cohereEmbeddingCaller } from './caller.ts';
export type { CohereHost } from './request.ts';

/** Cohere's embeddings, version 2: https://docs.cohere.com/reference/embed */
export function cohereEmbeddings(host: CohereHost = 'cohere'): EmbeddingFormat {
  return {
    name: 'cohere',
    encode: (request, target) => encodeRequest(request, target, host),
    decode: decodeAnswer,
    ...(host === 'cohere' && { passThrough: { request: passThrough, answer: inspectAnswer } }),
  };
}
