import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const vllm: Provider = {
  name: 'vllm',
  label: 'vLLM',
  dialect: openaiChat({
    parameters: 'all',
    maxTokensFields: ['max_completion_tokens', 'max_tokens'],
    allowedTools: false,
    // The model's own template decides which roles there are; `system` is in all of them.
    instructionRoles: 'system',
    extraFields: 'all',
    // https://docs.vllm.ai/en/stable/features/reasoning_outputs/: `reasoning` took the place of `reasoning_content`, in
    // answers and in earlier turns.
    reasoningHistory: 'reasoning',
    // Meta's models do not reason.
    modelRules: [{ models: /^(?!meta-llama\/)/, translateAnswers: true }],
  }),
  credential: { header: 'authorization', scheme: 'Bearer' },
  keyOptional: true,
  environment: { apiKey: ['VLLM_API_KEY'], baseUrl: 'VLLM_BASE_URL' },
  chatPath: () => '/v1/chat/completions',
  embeddings: [{ format: openaiEmbeddings({ parameters: 'all' }), path: () => '/v1/embeddings' }],
  modelsPath: '/v1/models',
  reference: 'https://docs.vllm.ai/en/stable/serving/openai_compatible_server/',
};
