import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const mistral: Provider = {
  name: 'mistral',
  label: 'Mistral',
  dialect: openaiChat(),
  baseUrl: 'https://api.mistral.ai/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['MISTRAL_API_KEY'], baseUrl: 'MISTRAL_BASE_URL' },
  // A colon marks an Ollama tag (`mistral-nemo:12b`), which Mistral's own names never have.
  models: [/^(?:open-)?(?:mistral|mixtral|ministral|codestral|magistral|pixtral|devstral|voxtral)-[^:]+$/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://docs.mistral.ai/api/#tag/chat',
};
