import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const together: Provider = {
  name: 'together',
  aliases: ['together-ai', 'togetherai'],
  label: 'Together AI',
  dialect: openaiChat(),
  baseUrl: 'https://api.together.xyz/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['TOGETHER_API_KEY'], baseUrl: 'TOGETHER_BASE_URL' },
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://docs.together.ai/reference/chat-completions-1',
};
