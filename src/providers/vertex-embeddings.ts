import { geminiEmbeddings } from '../dialects/embeddings/gemini/index.ts';
import { vertexPredictEmbeddings } from '../dialects/embeddings/vertex-predict/index.ts';
import type { EmbeddingEndpoint } from './endpoint.ts';

/**
 * Google's embedding models on Vertex AI.
 *
 * @param modelPath path of a model of Google's below the base URL, without a method
 */
export function vertexEmbeddings(modelPath: (model: string) => string): readonly EmbeddingEndpoint[] {
  return [
    {
      // https://cloud.google.com/vertex-ai/generative-ai/docs/embeddings/get-text-embeddings: one text in each request.
      format: geminiEmbeddings('embedContent'),
      models: /^gemini-embedding-(?!001)/,
      path: (model) => `${modelPath(model)}:embedContent`,
      limits: { inputs: 1 },
    },
    {
      format: vertexPredictEmbeddings(),
      models: /^gemini-embedding-001/,
      path: (model) => `${modelPath(model)}:predict`,
      limits: { inputs: 1 },
    },
    {
      format: vertexPredictEmbeddings(),
      models: /embedding/,
      path: (model) => `${modelPath(model)}:predict`,
      limits: { inputs: 250, tokens: 20_000 },
    },
  ];
}
