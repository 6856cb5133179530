import { describe, expect, it } from '@jest/globals';
import { defaultPaths } from '../../src/pass-through/index.ts';
import { readRequestPath } from '../../src/pass-through/request-path.ts';
import { upstreamPath } from '../../src/pass-through/upstream-path.ts';
import { resolveProviders } from '../../src/providers/resolve-providers.ts';

const apiKey = 'some-key-0123456789';
const instances = resolveProviders(
  {
    openai: { apiKey },
    anthropic: { apiKey },
    gemini: { apiKey },
    groq: { apiKey },
    'own-v1': { type: 'openai-compatible', apiKey, baseUrl: 'http://10.0.0.5:8000/v1' },
    'own-deep': { type: 'openai-compatible', apiKey, baseUrl: 'http://10.0.0.5:8000/a/b' },
  },
  {},
);

describe('upstreamPath', () => {
  it.each([
    ['openai', '/files', '/v1/files'],
    ['openai', '/v1/files?limit=1', '/v1/files?limit=1'],
    ['groq', '/audio/transcriptions', '/openai/v1/audio/transcriptions'],
    ['groq', '/openai/v1/audio/transcriptions', '/openai/v1/audio/transcriptions'],
    ['own-v1', '/v1/rerank', '/v1/rerank'],
    ['own-v1', '/v2/rerank', '/v1/v2/rerank'],
    ['own-deep', '/v1/rerank', '/a/b/rerank'],
    ['anthropic', '/messages/batches', '/v1/messages/batches'],
    ['anthropic', '/v1/messages/batches', '/v1/messages/batches'],
    ['gemini', '/files', '/v1beta/files'],
    ['gemini', '/v1alpha/files', '/v1alpha/files'],
    ['gemini', '/upload/v1beta/files?uploadType=multipart', '/upload/v1beta/files?uploadType=multipart'],
    [
      'gemini',
      '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
      '/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent',
    ],
  ])('%s: %s becomes %s', (name, url, expected) => {
    const instance = instances.get(name);
    if (instance === undefined) throw new Error(name);
    expect(upstreamPath(instance, readRequestPath(url, defaultPaths))).toBe(expected);
  });
});
