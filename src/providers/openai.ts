import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiImages } from '../dialects/images/openai/index.ts';
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
  models: [
    /^gpt-(?!oss)/,
    /^chatgpt-/,
    /^o[1-9]\d*(?:-|$)/,
    /^codex-mini/,
    /^text-embedding-(?:ada|3)/,
    /^dall-e-/,
    /^ft:(?:gpt|o[1-9])/,
  ],
  chatPath: () => '/chat/completions',
  // https://platform.openai.com/docs/api-reference/embeddings/create
  embeddings: [{ format: openaiEmbeddings(), path: () => '/embeddings', limits: { inputs: 2048, tokens: 300_000 } }],
  // https://platform.openai.com/docs/api-reference/images/create
  images: [{ format: openaiImages(), path: () => '/images/generations' }],
  modelsPath: '/models',
  reference: 'https://platform.openai.com/docs/api-reference/chat/create',
};
