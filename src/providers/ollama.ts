import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const ollama: Provider = {
  name: 'ollama',
  label: 'Ollama',
  dialect: openaiChat({
    // It ignores the rest of OpenAI's members, a tool choice too, so they are left out and reported instead.
    parameters: [
      'frequency_penalty',
      'logprobs',
      'max_tokens',
      'presence_penalty',
      'reasoning_effort',
      'response_format',
      'seed',
      'stop',
      'stream_options',
      'temperature',
      'tools',
      'top_logprobs',
      'top_p',
    ],
    maxTokensFields: ['max_tokens'],
    allowedTools: false,
    // The model's own template decides which roles there are; `system` is in all of them.
    instructionRoles: 'system',
    extraFields: ['name'],
    reasoningHistory: 'reasoning',
    // Reasoning is called `reasoning` here, and which models reason is the operator's choice.
    modelRules: [{ models: /^/, translateAnswers: true }],
  }),
  baseUrl: 'http://localhost:11434',
  credential: { header: 'authorization', scheme: 'Bearer' },
  keyOptional: true,
  environment: { apiKey: ['OLLAMA_API_KEY'], baseUrl: 'OLLAMA_BASE_URL' },
  chatPath: () => '/v1/chat/completions',
  modelsPath: '/v1/models',
  reference: 'https://docs.ollama.com/api/openai-compatibility',
};
