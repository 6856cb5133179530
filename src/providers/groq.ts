import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const groq: Provider = {
  name: 'groq',
  label: 'Groq',
  dialect: openaiChat(),
  baseUrl: 'https://api.groq.com/openai/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['GROQ_API_KEY'], baseUrl: 'GROQ_BASE_URL' },
  // Many providers host Llama; these two endings are Groq's own.
  models: [/^llama-[\d.]+-\d+b-(?:versatile|instant)$/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://console.groq.com/docs/openai',
};
