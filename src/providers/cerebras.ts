import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const cerebras: Provider = {
  name: 'cerebras',
  label: 'Cerebras',
  dialect: openaiChat({
    // https://inference-docs.cerebras.ai/resources/openai: penalties and a logit bias are refused with 400.
    parameters: [
      'clear_thinking',
      'disable_reasoning',
      'logprobs',
      'max_completion_tokens',
      'max_tokens',
      'prediction',
      'reasoning_effort',
      'reasoning_format',
      'response_format',
      'seed',
      'stop',
      'stream_options',
      'temperature',
      'tool_choice',
      'tools',
      'top_logprobs',
      'top_p',
      'user',
    ],
    maxTokensFields: ['max_completion_tokens', 'max_tokens'],
    allowedTools: false,
    instructionRoles: 'system',
    extraFields: [],
    doneMarker: 'optional',
    reasoningParameter: 'none',
    modelRules: [
      { models: /gpt-oss/, reasoningParameter: 'effort' },
      // Reasoning is called `reasoning` here. Llama has none.
      { models: /^(?!llama)/, translateAnswers: true },
    ],
  }),
  baseUrl: 'https://api.cerebras.ai/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['CEREBRAS_API_KEY'], baseUrl: 'CEREBRAS_BASE_URL' },
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://inference-docs.cerebras.ai/api-reference/chat-completions',
};
