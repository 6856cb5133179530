import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiImages } from '../dialects/images/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import { openaiResponses } from '../dialects/openai-responses/index.ts';
import type { Provider } from './provider.ts';

/**
 * All but the pro, Codex, deep research and computer use models, which the Responses API alone serves:
 * https://platform.openai.com/docs/models
 */
const chatModels =
  /^(?!(?:ft:)?(?:o\d+-pro|o\d+(?:-mini)?-deep-research|gpt-\d+(?:\.\d+)?-(?:pro|codex)|codex-|computer-use))/;
/** All but those that speak, and those that are a search, which chat completions alone serve. */
const responsesModels = /^(?!gpt-audio|.*-(?:audio|search-preview|search-api))/;

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
    /^computer-use-preview/,
    /^text-embedding-(?:ada|3)/,
    /^dall-e-/,
    /^ft:(?:gpt|o[1-9])/,
  ],
  chatPath: () => '/chat/completions',
  chatModels,
  otherSurfaces: [{ dialect: openaiResponses(), chatPath: () => '/responses', models: responsesModels }],
  // https://platform.openai.com/docs/api-reference/embeddings/create
  embeddings: [{ format: openaiEmbeddings(), path: () => '/embeddings', limits: { inputs: 2048, tokens: 300_000 } }],
  // https://platform.openai.com/docs/api-reference/images/create
  images: [{ format: openaiImages(), path: () => '/images/generations' }],
  modelsPath: '/models',
  reference: 'https://platform.openai.com/docs/api-reference/chat/create',
};
