import { openaiEmbeddings } from '../dialects/embeddings/openai/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

export const nvidia: Provider = {
  name: 'nvidia',
  aliases: ['nvidia-nim', 'nim'],
  label: 'NVIDIA NIM',
  dialect: openaiChat({
    // Each model has its own reference; these are in all of them or ignored.
    parameters: [
      'chat_template_kwargs',
      'frequency_penalty',
      'logprobs',
      'max_tokens',
      'n',
      'nvext',
      'presence_penalty',
      'reasoning_effort',
      'response_format',
      'seed',
      'stop',
      'stream_options',
      'temperature',
      'tool_choice',
      'tools',
      'top_logprobs',
      'top_p',
    ],
    maxTokensFields: ['max_tokens'],
    allowedTools: false,
    instructionRoles: 'system',
    extraFields: [],
    doneMarker: 'optional',
    reasoningParameter: 'none',
    modelRules: [
      { models: /gpt-oss/, reasoningParameter: 'effort' },
      // Reasoning is called `reasoning_content` or `reasoning`, by model. Meta's have none.
      { models: /^(?!meta\/)/, translateAnswers: true },
    ],
  }),
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['NVIDIA_API_KEY'], baseUrl: 'NVIDIA_BASE_URL' },
  chatPath: () => '/chat/completions',
  // https://docs.nvidia.com/nim/nemo-retriever/text-embedding/latest/reference.html: `input_type` is "query" or "passage".
  embeddings: [
    {
      format: openaiEmbeddings({
        parameters: ['dimensions', 'user', 'input_type'],
        base64: false,
        tokenIds: false,
      }),
      path: () => '/embeddings',
    },
  ],
  modelsPath: '/models',
  reference: 'https://docs.api.nvidia.com/nim/reference/llm-apis',
};
