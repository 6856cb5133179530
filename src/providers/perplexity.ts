import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const perplexity: Provider = {
  name: 'perplexity',
  label: 'Perplexity',
  dialect: openaiChat({
    // No tools: its models search the web by themselves.
    parameters: [
      'disable_search',
      'enable_search_classifier',
      'frequency_penalty',
      'language_preference',
      'last_updated_after_filter',
      'last_updated_before_filter',
      'max_tokens',
      'media_response',
      'presence_penalty',
      'reasoning_effort',
      'response_format',
      'return_images',
      'return_related_questions',
      'search_after_date_filter',
      'search_before_date_filter',
      'search_context_size',
      'search_domain_filter',
      'search_mode',
      'search_recency_filter',
      'stream_mode',
      'temperature',
      'top_k',
      'top_p',
      'web_search_options',
    ],
    maxTokensFields: ['max_tokens'],
    // Usage comes unasked, in every chunk and with all tokens so far.
    streamOptions: false,
    allowedTools: false,
    instructionRoles: 'system',
    extraFields: [],
    doneMarker: 'optional',
    reasoningParameter: 'none',
    modelRules: [{ models: /reasoning|deep-research/, reasoningParameter: 'effort' }],
  }),
  baseUrl: 'https://api.perplexity.ai',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['PERPLEXITY_API_KEY'], baseUrl: 'PERPLEXITY_BASE_URL' },
  models: [/^sonar(?:-(?:pro|reasoning|reasoning-pro|deep-research))?$/, /^pplx-embed-/],
  chatPath: () => '/chat/completions',
  // https://docs.perplexity.ai/api-reference/embeddings-post: 8-bit integers in base64, whatever it is asked for.
  embeddings: [
    {
      format: openaiEmbeddings({
        parameters: ['dimensions'],
        base64: false,
        base64Holds: 'int8',
        tokenIds: false,
      }),
      models: /embed/,
      path: () => '/v1/embeddings',
      limits: { inputs: 512, tokens: 120_000 },
    },
  ],
  modelsPath: '/v1/models',
  reference: 'https://docs.perplexity.ai/api-reference/chat-completions-post',
};
