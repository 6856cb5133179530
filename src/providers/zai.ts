import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const zai: Provider = {
  name: 'zai',
  aliases: ['z-ai'],
  label: 'Z.ai',
  dialect: openaiChat({
    parameters: [
      'do_sample',
      'max_tokens',
      'reasoning_effort',
      'request_id',
      'response_format',
      'stop',
      'temperature',
      'thinking',
      'tool_choice',
      'tool_stream',
      'tools',
      'top_p',
      'user_id',
    ],
    maxTokensFields: ['max_tokens'],
    // Usage comes unasked, with the finish reason.
    streamOptions: false,
    allowedTools: false,
    strictTools: false,
    // https://docs.z.ai/guides/capabilities/struct-output: an object is the most it can be held to.
    jsonSchema: false,
    instructionRoles: 'system',
    extraFields: [],
    // https://docs.z.ai/guides/capabilities/thinking-mode
    reasoningParameter: 'thinking',
    reasoningHistory: 'reasoning_content',
    modelRules: [],
  }),
  baseUrl: 'https://api.z.ai/api/paas/v4',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['ZAI_API_KEY'], baseUrl: 'ZAI_BASE_URL' },
  // A colon marks an Ollama tag (`glm-4.7-flash:latest`), which Z.ai's own names never have.
  models: [/^glm-[^:/]+$/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://docs.z.ai/api-reference/llm/chat-completion',
};
