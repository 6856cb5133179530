import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const openrouter: Provider = {
  name: 'openrouter',
  aliases: ['open-router'],
  label: 'OpenRouter',
  dialect: openaiChat({
    // What the provider behind it does not take, the router leaves out by itself. Its own list of fallbacks (`models`) is
    // not among them: falling back is up to the gateway.
    parameters: [
      'cache_control',
      'frequency_penalty',
      'image_config',
      'logit_bias',
      'logprobs',
      'max_completion_tokens',
      'max_tokens',
      'metadata',
      'min_p',
      'modalities',
      'n',
      'parallel_tool_calls',
      'plugins',
      'prediction',
      'presence_penalty',
      'provider',
      'reasoning',
      'repetition_penalty',
      'response_format',
      'seed',
      'session_id',
      'stop',
      'stream_options',
      'structured_outputs',
      'temperature',
      'tool_choice',
      'tools',
      'top_a',
      'top_k',
      'top_logprobs',
      'top_p',
      'transforms',
      'usage',
      'user',
      'verbosity',
      'web_search_options',
    ],
    maxTokensFields: ['max_tokens', 'max_completion_tokens'],
    allowedTools: false,
    extraFields: ['name', 'cache_control', 'annotations'],
    // https://openrouter.ai/docs/guides/best-practices/reasoning-tokens
    reasoningParameter: 'object',
    reasoningHistory: 'reasoning',
    reasoningDetails: true,
    // Reasoning is called `reasoning` here. Meta's models have none.
    modelRules: [{ models: /^(?!meta-llama\/)/, translateAnswers: true }],
  }),
  baseUrl: 'https://openrouter.ai/api/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['OPENROUTER_API_KEY'], baseUrl: 'OPENROUTER_BASE_URL' },
  chatPath: () => '/chat/completions',
  // https://openrouter.ai/docs/api-reference/embeddings/create-embeddings
  embeddings: [
    {
      format: openaiEmbeddings({
        parameters: ['dimensions', 'user', 'input_type', 'provider'],
        base64: false,
        tokenIds: false,
      }),
      path: () => '/embeddings',
    },
  ],
  modelsPath: '/models',
  reference: 'https://openrouter.ai/docs/api-reference/chat-completion',
};
