import { geminiEmbeddings } from '../dialects/embeddings/gemini/index.ts';
import { gemini } from '../dialects/gemini/index.ts';
import { googleImages } from './google-images.ts';
import type { Provider } from './provider.ts';

/** Google AI Studio's API; the models themselves are also on Vertex AI, which has its own addresses and credentials. */
export const geminiProvider: Provider = {
  name: 'gemini',
  aliases: ['google'],
  label: 'Google Gemini',
  dialect: gemini(),
  baseUrl: 'https://generativelanguage.googleapis.com',
  credential: { header: 'x-goog-api-key' },
  environment: { apiKey: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'], baseUrl: 'GEMINI_BASE_URL' },
  models: [/^gemini-/, /^gemma-.*-it$/, /^text-embedding-00/, /^imagen-/],
  chatPath: (model, stream) => {
    const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    return `/v1beta/models/${encodeURIComponent(model)}:${method}`;
  },
  countTokensPath: (model) => `/v1beta/models/${encodeURIComponent(model)}:countTokens`,
  // https://ai.google.dev/api/embeddings
  embeddings: [
    {
      format: geminiEmbeddings(),
      path: (model) => `/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`,
      limits: { inputs: 100 },
    },
  ],
  images: googleImages((model) => `/v1beta/models/${encodeURIComponent(model)}`),
  modelsPath: '/v1beta/models',
  reference: 'https://ai.google.dev/api/generate-content',
};
