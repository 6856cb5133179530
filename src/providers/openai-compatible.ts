import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiImages } from '../dialects/images/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

/** Any server that speaks OpenAI's chat completions: llama.cpp, LM Studio, SGLang, TGI, another gateway. */
export const openaiCompatible: Provider = {
  name: 'openai-compatible',
  label: 'an OpenAI-compatible server',
  dialect: openaiChat({
    // Nobody knows better than its operator what such a server takes.
    parameters: 'all',
    maxTokensFields: ['max_tokens', 'max_completion_tokens'],
    instructionRoles: 'system',
    extraFields: 'all',
    reasoningHistory: 'reasoning_content',
    doneMarker: 'optional',
    finishReason: 'optional',
    // Where a server counts it so (xAI), its totals say so.
    reasoningTokens: 'beside-completion',
    // Reasoning is called `reasoning_content` (llama.cpp, SGLang) or `reasoning` (OpenRouter). Meta's models have none.
    modelRules: [{ models: /^(?!meta-llama\/)/, translateAnswers: true }],
  }),
  credential: { header: 'authorization', scheme: 'Bearer' },
  keyOptional: true,
  environment: { apiKey: ['OPENAI_COMPATIBLE_API_KEY'], baseUrl: 'OPENAI_COMPATIBLE_BASE_URL' },
  chatPath: () => '/chat/completions',
  // Many such servers write numbers whatever they are asked for.
  embeddings: [{ format: openaiEmbeddings({ parameters: 'all', base64: false }), path: () => '/embeddings' }],
  images: [{ format: openaiImages([{ models: /^/, parameters: 'all' }]), path: () => '/images/generations' }],
  modelsPath: '/models',
  reference: 'https://platform.openai.com/docs/api-reference/chat/create',
};
