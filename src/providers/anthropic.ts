import { anthropicMessages } from '../dialects/anthropic-messages/index.ts';
import type { Provider } from './provider.ts';

export const anthropic: Provider = {
  name: 'anthropic',
  aliases: ['claude'],
  label: 'Anthropic',
  dialect: anthropicMessages(),
  baseUrl: 'https://api.anthropic.com',
  credential: { header: 'x-api-key' },
  environment: { apiKey: ['ANTHROPIC_API_KEY'], baseUrl: 'ANTHROPIC_BASE_URL' },
  // https://docs.anthropic.com/en/api/versioning
  headers: { 'anthropic-version': '2023-06-01' },
  models: [/^claude-/],
  chatPath: () => '/v1/messages',
  countTokensPath: () => '/v1/messages/count_tokens',
  modelsPath: '/v1/models',
  reference: 'https://docs.anthropic.com/en/api/messages',
};
