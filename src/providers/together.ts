import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { togetherImages } from '../dialects/images/together/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const together: Provider = {
  name: 'together',
  aliases: ['together-ai', 'togetherai'],
  label: 'Together AI',
  dialect: openaiChat({
    // `logprobs` is a number here, not OpenAI's yes or no.
    parameters: [
      'frequency_penalty',
      'logit_bias',
      'max_tokens',
      'min_p',
      'n',
      'presence_penalty',
      'reasoning_effort',
      'repetition_penalty',
      'response_format',
      'seed',
      'stop',
      'stream_options',
      'temperature',
      'tool_choice',
      'tools',
      'top_k',
      'top_p',
    ],
    maxTokensFields: ['max_tokens'],
    allowedTools: false,
    instructionRoles: 'system',
    extraFields: ['name'],
    reasoningParameter: 'none',
    // https://docs.together.ai/docs/inference/chat/reasoning
    modelRules: [
      { models: /gpt-oss/, reasoningParameter: 'effort' },
      // Reasoning is called `reasoning` here. Meta's models have none.
      { models: /^(?!meta-llama\/)/, translateAnswers: true },
    ],
  }),
  baseUrl: 'https://api.together.xyz/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['TOGETHER_API_KEY'], baseUrl: 'TOGETHER_BASE_URL' },
  chatPath: () => '/chat/completions',
  // https://docs.together.ai/reference/embeddings
  embeddings: [
    { format: openaiEmbeddings({ parameters: [], base64: false, tokenIds: false }), path: () => '/embeddings' },
  ],
  // https://docs.together.ai/reference/post-images-generations: no more than four at a time.
  images: [{ format: togetherImages(), path: () => '/images/generations', picturesPerRequest: 4 }],
  modelsPath: '/models',
  reference: 'https://docs.together.ai/reference/chat-completions-1',
};
