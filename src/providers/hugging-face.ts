import { featureExtraction } from '../dialects/embeddings/feature-extraction/index.ts';
import { openaiChat } from '../dialects/openai-chat/index.ts';
import type { Provider } from './provider.ts';

/** The router over Hugging Face's inference providers; `model:provider` picks one of them. */
export const huggingFace: Provider = {
  name: 'hugging-face',
  aliases: ['huggingface', 'hf'],
  label: 'Hugging Face',
  dialect: openaiChat({
    // The router behaves like whoever it picked, and some of those refuse what they do not know.
    parameters: [
      'frequency_penalty',
      'logprobs',
      'max_tokens',
      'n',
      'parallel_tool_calls',
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
    extraFields: ['name'],
    doneMarker: 'optional',
    // Some of those call reasoning `reasoning`. Meta's models have none.
    modelRules: [{ models: /^(?!meta-llama\/)/, translateAnswers: true }],
  }),
  baseUrl: 'https://router.huggingface.co/v1',
  credential: { header: 'authorization', scheme: 'Bearer' },
  environment: { apiKey: ['HF_TOKEN', 'HUGGING_FACE_API_KEY'], baseUrl: 'HUGGING_FACE_BASE_URL' },
  chatPath: () => '/chat/completions',
  // https://huggingface.co/docs/inference-providers/tasks/feature-extraction. The router's OpenAI paths have none.
  embeddings: [
    {
      format: featureExtraction(),
      below: 'origin',
      path: (model) =>
        `/hf-inference/models/${model.split('/').map(encodeURIComponent).join('/')}/pipeline/feature-extraction`,
    },
  ],
  modelsPath: '/models',
  reference: 'https://huggingface.co/docs/inference-providers/tasks/chat-completion',
};
