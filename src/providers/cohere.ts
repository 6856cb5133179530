import { cohereChat } from '../dialects/cohere-chat/index.ts';
import { cohereEmbeddings } from '../dialects/embeddings/cohere/index.ts';
import type { Provider } from './provider.ts';

export const cohere: Provider = {
  name: 'cohere',
  label: 'Cohere',
  dialect: cohereChat(),
  baseUrl: 'https://api.cohere.com',
  credential: { header: 'authorization', scheme: 'Bearer' },
  // The second is what Cohere's own clients read.
  environment: { apiKey: ['COHERE_API_KEY', 'CO_API_KEY'], baseUrl: 'COHERE_BASE_URL' },
  // A colon marks an Ollama tag (`command-r:35b`), which Cohere's own names never have.
  models: [/^(?:command|c4ai)-[^:/]+$/, /^embed-(?:english|multilingual|v\d)[^:/]*$/],
  chatPath: () => '/v2/chat',
  // https://docs.cohere.com/reference/embed
  embeddings: [{ format: cohereEmbeddings(), path: () => '/v2/embed', limits: { inputs: 96 } }],
  modelsPath: '/v1/models',
  reference: 'https://docs.cohere.com/reference/chat',
};
