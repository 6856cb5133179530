import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

/** The router over Hugging Face's inference providers; `model:provider` picks one of them. */
export const huggingFace: Provider = {
  name: 'hugging-face',
  aliases: ['huggingface', 'hf'],
  label: 'Hugging Face',
  dialect: openaiChat(),
  baseUrl: 'https://router.huggingface.co/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['HF_TOKEN', 'HUGGING_FACE_API_KEY'], baseUrl: 'HUGGING_FACE_BASE_URL' },
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://huggingface.co/docs/inference-providers/tasks/chat-completion',
};
