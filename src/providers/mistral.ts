import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const mistral: Provider = {
  name: 'mistral',
  label: 'Mistral',
  dialect: openaiChat({
    // Log probabilities are refused (code 3051); other members it does not know answer 422.
    parameters: [
      'frequency_penalty',
      'max_tokens',
      'metadata',
      'n',
      'parallel_tool_calls',
      'prediction',
      'presence_penalty',
      'prompt_cache_key',
      'prompt_mode',
      'random_seed',
      'reasoning_effort',
      'response_format',
      'safe_prompt',
      'seed',
      'stop',
      'temperature',
      'tool_choice',
      'tools',
      'top_p',
    ],
    maxTokensFields: ['max_tokens'],
    seedField: 'random_seed',
    streamOptions: false,
    requiredToolChoice: 'any',
    allowedTools: false,
    toolCallIds: 'nine-alphanumerics',
    instructionRoles: 'system',
    extraFields: ['prefix'],
    reasoningParameter: 'none',
    reasoningHistory: 'thinking-parts',
    modelRules: [
      // Whatever thinks answers in content parts, and an alias may begin to think with its next model.
      { models: /^(?:magistral|mistral-(?:small|medium|large))-/, translateAnswers: true },
      // https://docs.mistral.ai/capabilities/reasoning/
      {
        models: /^mistral-(?:small-(?:latest|26)|medium-(?:latest|3[-.]5|26)|large-4)/,
        reasoningParameter: 'effort',
      },
    ],
  }),
  baseUrl: 'https://api.mistral.ai/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['MISTRAL_API_KEY'], baseUrl: 'MISTRAL_BASE_URL' },
  // A colon marks an Ollama tag (`mistral-nemo:12b`), which Mistral's own names never have.
  models: [/^(?:open-)?(?:mistral|mixtral|ministral|codestral|magistral|pixtral|devstral|voxtral)-[^:]+$/],
  chatPath: () => '/chat/completions',
  // https://docs.mistral.ai/api/endpoint/embeddings. More than 256 inputs or 16,384 tokens are refused (code 3210).
  embeddings: [
    {
      format: openaiEmbeddings({
        parameters: ['dimensions', 'metadata', 'output_dtype'],
        dimensionsField: 'output_dimension',
        // https://docs.mistral.ai/capabilities/embeddings/code_embeddings
        shortened: /^codestral-embed/,
        base64: false,
        tokenIds: false,
      }),
      path: () => '/embeddings',
      limits: { inputs: 256, tokens: 16_384 },
    },
  ],
  modelsPath: '/models',
  reference: 'https://docs.mistral.ai/api/#tag/chat',
};
