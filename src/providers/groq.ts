import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const groq: Provider = {
  name: 'groq',
  label: 'Groq',
  dialect: openaiChat({
    // https://console.groq.com/docs/openai: log probabilities, a logit bias, names of messages and several answers (`n`)
    // are refused with 400.
    parameters: [
      'citation_options',
      'compound_custom',
      'disable_tool_validation',
      'documents',
      'frequency_penalty',
      'include_reasoning',
      'max_completion_tokens',
      'max_tokens',
      'parallel_tool_calls',
      'presence_penalty',
      'reasoning_effort',
      'reasoning_format',
      'response_format',
      'search_settings',
      'seed',
      'service_tier',
      'stop',
      'stream_options',
      'temperature',
      'tool_choice',
      'tools',
      'top_p',
      'user',
    ],
    maxTokensFields: ['max_completion_tokens', 'max_tokens'],
    allowedTools: false,
    instructionRoles: 'system',
    extraFields: [],
    reasoningParameter: 'none',
    modelRules: [
      // https://console.groq.com/docs/reasoning: the other models refuse an effort.
      { models: /gpt-oss|^qwen\//, reasoningParameter: 'effort' },
      // Reasoning is called `reasoning` here. Llama has none.
      { models: /^(?!llama-|meta-llama\/)/, translateAnswers: true },
    ],
  }),
  baseUrl: 'https://api.groq.com/openai/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['GROQ_API_KEY'], baseUrl: 'GROQ_BASE_URL' },
  // Many providers host Llama; these two endings are Groq's own.
  models: [/^llama-[\d.]+-\d+b-(?:versatile|instant)$/],
  chatPath: () => '/chat/completions',
  modelsPath: '/models',
  reference: 'https://console.groq.com/docs/openai',
};
