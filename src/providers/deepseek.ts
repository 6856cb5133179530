import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const deepseek: Provider = {
  name: 'deepseek',
  label: 'DeepSeek',
  dialect: openaiChat({
    // Other members are ignored without a word, so they are left out and reported instead.
    parameters: [
      'frequency_penalty',
      'logprobs',
      'max_tokens',
      'presence_penalty',
      'reasoning_effort',
      'response_format',
      'stop',
      'stream_options',
      'temperature',
      'thinking',
      'tool_choice',
      'tools',
      'top_logprobs',
      'top_p',
    ],
    maxTokensFields: ['max_tokens'],
    allowedTools: false,
    // https://api-docs.deepseek.com/guides/json_mode: an object is the most it can be held to.
    jsonSchema: false,
    instructionRoles: 'system',
    extraFields: ['name', 'prefix'],
    // https://api-docs.deepseek.com/guides/thinking_mode
    reasoningParameter: 'thinking',
    reasoningHistory: 'reasoning_content',
    modelRules: [],
  }),
  baseUrl: 'https://api.deepseek.com',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['DEEPSEEK_API_KEY'], baseUrl: 'DEEPSEEK_BASE_URL' },
  // A colon marks an Ollama tag (`deepseek-r1:8b`), which DeepSeek's own names never have.
  models: [/^deepseek-[^:/]+$/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://api-docs.deepseek.com/api/create-chat-completion',
};
