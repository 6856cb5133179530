import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const ollama: Provider = {
  name: 'ollama',
  label: 'Ollama',
  dialect: openaiChat(),
  baseUrl: 'http://localhost:11434',
  credential: { header: 'authorization', scheme: 'Bearer' },
  keyOptional: true,
  environment: { apiKey: ['OLLAMA_API_KEY'], baseUrl: 'OLLAMA_BASE_URL' },
  chatPath: () => '/v1/chat/completions',
  modelsPath: '/v1/models',
  reference: 'https://docs.ollama.com/api/openai-compatibility',
};
