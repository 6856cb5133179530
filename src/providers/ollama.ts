import { ollamaEmbeddings } from '../dialects/embeddings/ollama/index.ts';
import { ollamaChat } from '../dialects/ollama-chat/index.ts';
import type { Provider } from './provider.ts';

/**
 * Asked by its own chat API, whatever the caller speaks. Its OpenAI surface makes a message of every part of a message,
 * sets temperature and `top_p` where the model's own file should, and has no place for images of tool results, `top_k`
 * or options of the runner such as `num_ctx`: https://docs.ollama.com/api/openai-compatibility
 */
export const ollama: Provider = {
  name: 'ollama',
  label: 'Ollama',
  dialect: ollamaChat(),
  baseUrl: 'http://localhost:11434',
  credential: { header: 'authorization', scheme: 'Bearer' },
  keyOptional: true,
  environment: { apiKey: ['OLLAMA_API_KEY'], baseUrl: 'OLLAMA_BASE_URL' },
  chatPath: () => '/api/chat',
  embeddings: [{ format: ollamaEmbeddings(), path: () => '/api/embed' }],
  modelsPath: '/v1/models',
  reference: 'https://docs.ollama.com/api/chat',
};
