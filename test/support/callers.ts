import type { DialectName } from '../../src/core/dialect-name.ts';
import type { ProviderOptions } from '../../src/providers/options.ts';
import type { FakeProvider } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';

/** How a caller of a dialect asks a question. */
export interface CallerForm {
  /** Below the mount point. */
  path(model: string, stream: boolean): string;
  body(ask: { readonly model: string; readonly text: string; readonly stream: boolean }): object;
}

const messagesBody: CallerForm['body'] = ({ model, text, stream }) => ({
  model,
  stream,
  max_tokens: 500,
  messages: [{ role: 'user', content: text }],
});

/** Every dialect a caller may speak. */
export const callerForms: { readonly [Name in DialectName]?: CallerForm } = {
  'openai-chat': { path: () => '/chat/completions', body: messagesBody },
  'openai-responses': {
    path: () => '/responses',
    body: ({ model, text, stream }) => ({ model, stream, max_output_tokens: 500, input: text }),
  },
  'anthropic-messages': { path: () => '/messages', body: messagesBody },
  'cohere-chat': { path: () => '/v2/chat', body: messagesBody },
  'bedrock-converse': {
    path: (model, stream) => `/model/${encodeURIComponent(model)}/${stream ? 'converse-stream' : 'converse'}`,
    body: ({ text }) => ({ messages: [{ role: 'user', content: [{ text }] }] }),
  },
  'ollama-chat': {
    path: () => '/api/chat',
    body: ({ model, text, stream }) => ({ model, stream, messages: [{ role: 'user', content: text }] }),
  },
  gemini: {
    path: (model, stream) =>
      `/v1beta/models/${encodeURIComponent(model)}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: ({ text }) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
  },
};

/** The provider that the wall plays in each dialect, as an operator would write it. */
export const playedProviders: Readonly<Record<PlayedDialect, (wall: FakeProvider) => ProviderOptions>> = {
  'openai-chat': (wall) => ({ type: 'openai', apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('openai-chat') }),
  'openai-responses': (wall) => ({
    type: 'openai',
    apiKey: 'provider-key-canary-0',
    baseUrl: wall.baseUrl('openai-responses'),
  }),
  'anthropic-messages': (wall) => ({
    type: 'anthropic',
    apiKey: 'provider-key-canary-0',
    baseUrl: wall.baseUrl('anthropic-messages'),
  }),
  'bedrock-converse': (wall) => ({
    type: 'bedrock',
    apiKey: 'provider-key-canary-0',
    region: 'us-east-1',
    baseUrl: wall.baseUrl('bedrock-converse'),
  }),
  'ollama-chat': (wall) => ({ type: 'ollama', baseUrl: wall.baseUrl('ollama-chat') }),
  'cohere-chat': (wall) => ({ type: 'cohere', apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('cohere-chat') }),
  gemini: (wall) => ({ type: 'gemini', apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('gemini') }),
};

/** Every dialect a provider can speak. */
export const playedDialects = Object.keys(playedProviders) as readonly PlayedDialect[];

/** One fake provider under the names of the dialects it speaks. */
export function providersByDialect(
  wall: FakeProvider,
  options: Partial<ProviderOptions> = {},
): Readonly<Record<PlayedDialect, ProviderOptions>> {
  const named = playedDialects.map((dialect) => [dialect, { ...playedProviders[dialect](wall), ...options }] as const);
  return Object.fromEntries(named) as Record<PlayedDialect, ProviderOptions>;
}

/** What a caller of chat completions writes to have a dialect spoken to the provider, with these faults. */
export function modelAt(dialect: PlayedDialect, faults = ''): string {
  // The Responses API alone serves Codex.
  const model = dialect === 'openai-responses' ? 'gpt-5-codex' : 'demo-small';
  return `${dialect}/${model}${faults === '' ? '' : `+${faults}`}`;
}
