import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const openai: Provider = {
  name: 'openai',
  label: 'OpenAI',
  dialect: openaiChat(),
  baseUrl: 'https://api.openai.com/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['OPENAI_API_KEY'], baseUrl: 'OPENAI_BASE_URL' },
  // The open-weight gpt-oss models are served by others. `ft:` begins the name of a fine-tuned model.
  models: [/^gpt-(?!oss)/, /^chatgpt-/, /^o[1-9]\d*(?:-|$)/, /^codex-mini/, /^ft:(?:gpt|o[1-9])/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://platform.openai.com/docs/api-reference/chat/create',
};
