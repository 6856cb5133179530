import type { DialectName } from '../../src/core/dialect-name.ts';

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
