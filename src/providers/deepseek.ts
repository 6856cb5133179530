import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const deepseek: Provider = {
  name: 'deepseek',
  label: 'DeepSeek',
  dialect: openaiChat(),
  baseUrl: 'https://api.deepseek.com',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['DEEPSEEK_API_KEY'], baseUrl: 'DEEPSEEK_BASE_URL' },
  // A colon marks an Ollama tag (`deepseek-r1:8b`), which DeepSeek's own names never have.
  models: [/^deepseek-[^:/]+$/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://api-docs.deepseek.com/api/create-chat-completion',
};
