import { openaiImages } from '../dialects/images/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const xai: Provider = {
  name: 'xai',
  aliases: ['grok', 'x-ai'],
  label: 'xAI',
  dialect: openaiChat({
    parameters: [
      'deferred',
      'frequency_penalty',
      'logprobs',
      'max_completion_tokens',
      'max_tokens',
      'n',
      'parallel_tool_calls',
      'presence_penalty',
      'reasoning_effort',
      'response_format',
      'search_parameters',
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
    extraFields: ['name'],
    reasoningTokens: 'beside-completion',
    reasoningParameter: 'none',
    // Its own callers send it back.
    reasoningHistory: 'reasoning_content',
    // https://docs.x.ai/docs/guides/reasoning
    modelRules: [
      // Whatever reasons refuses these; of Grok 3 only the small one does.
      {
        models: /^grok-(?!2|3(?!-mini)|.*non-reasoning)/,
        refuses: ['presence_penalty', 'frequency_penalty', 'stop'],
      },
      // The others reason as much as they like, and answer 400 to an effort.
      { models: /^grok-(?:3-mini|4\.[3-9](?!\d))/, reasoningParameter: 'effort' },
    ],
  }),
  baseUrl: 'https://api.x.ai/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['XAI_API_KEY'], baseUrl: 'XAI_BASE_URL' },
  models: [/^grok-[^:/]+$/],
  chatPath: () => '/chat/completions',
  // https://docs.x.ai/docs/guides/image-generations: neither size nor quality, but a ratio of sides.
  images: [
    {
      format: openaiImages([
        { models: /^/, parameters: ['response_format', 'user'], others: ['aspect_ratio', 'resolution'] },
      ]),
      models: /image/,
      path: () => '/images/generations',
    },
  ],
  modelsPath: '/models',
  reference: 'https://docs.x.ai/docs/api-reference#chat-completions',
};
