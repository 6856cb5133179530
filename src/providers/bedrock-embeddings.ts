import { novaEmbeddings } from '../dialects/embeddings/bedrock/nova.ts';
import { titanEmbeddings } from '../dialects/embeddings/bedrock/titan.ts';
import { cohereEmbeddings } from '../dialects/embeddings/cohere/index.ts';
import type { EmbeddingEndpoint } from './endpoint.ts';

/**
 * Embedding models on Bedrock, by InvokeModel with each vendor's own body:
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
export const bedrockEmbeddings: readonly EmbeddingEndpoint[] = [
  { format: titanEmbeddings(), models: /titan-embed/, path, limits: { inputs: 1 } },
  { format: novaEmbeddings(), models: /nova-\d+-multimodal-embeddings/, path, limits: { inputs: 1 } },
  // https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html
  { format: cohereEmbeddings('bedrock'), models: /cohere\.embed/, path, limits: { inputs: 96 } },
];

function path(model: string): string {
  return `/model/${encodeURIComponent(model)}/invoke`;
}
