import { describe, expect, it } from '@jest/globals';
import { defaultPaths } from '../../src/pass-through/index.ts';
import { looksPassable, readRequestPath } from '../../src/pass-through/request-path.ts';

const read = (url: string, paths = defaultPaths) => readRequestPath(url, paths);

describe('readRequestPath', () => {
  it.each([
    ['/files', { provider: undefined, version: undefined, path: '/files', query: '' }],
    ['/v1/files/f-1/content', { provider: undefined, version: 'v1', path: '/files/f-1/content', query: '' }],
    ['/openai/v1/audio/speech', { provider: undefined, version: 'v1', path: '/audio/speech', query: '' }],
    [
      '/openai/files?api-version=1',
      { provider: undefined, version: undefined, path: '/files', query: 'api-version=1' },
    ],
    ['/providers/gemini/v1beta/files', { provider: 'gemini', version: 'v1beta', path: '/files', query: '' }],
    ['/providers/my-vllm/rerank/', { provider: 'my-vllm', version: undefined, path: '/rerank', query: '' }],
    ['/upload/v1beta/files', { provider: undefined, version: undefined, path: '/upload/v1beta/files', query: '' }],
    ['/files/a%20b', { provider: undefined, version: undefined, path: '/files/a%20b', query: '' }],
    ['/v1beta/files/x:download?alt=media', { version: 'v1beta', path: '/files/x:download', query: 'alt=media' }],
    ['/responses/r-1', { path: '/responses/r-1' }],
  ])('takes %s apart', (url, parts) => {
    expect(read(url)).toMatchObject(parts);
  });

  it.each([
    ['key=secret', ''],
    ['a=1&key=secret&b=2', 'a=1&b=2'],
    ['KEY=secret', ''],
    ['k%65y=secret&limit=1', 'limit=1'],
    ['api_key=1&api-key=2&access_token=3&token=4', ''],
    ['purpose=batch&after=%2F..%2F', 'purpose=batch&after=%2F..%2F'],
  ])('takes credentials out of the query %s', (query, left) => {
    expect(read(`/files?${query}`).query).toBe(left);
  });

  it.each([
    '/files/../x',
    '/files/..',
    '/files/.',
    '/files/...',
    '/files/%2e%2e',
    '/files/%2E%2E/x',
    '/files/x%2e%2e',
    '/files/..%2fx',
    '/files/%2f',
    '/files/%5c',
    '/files/%25',
    '/files/%252e',
    '/files/%00',
    '/files/%0a',
    '/files/%',
    '/files/%zz',
    '/files/%c0%ae',
    '/files//x',
    '//files',
    '//evil.example/files',
    '/files\\x',
    '/files;x=1',
    '/files/..;/x',
    '/files#x',
    '/files/\u00e9',
    '/files/ x',
    'files',
    '',
    'http://evil.example/files',
    '*',
    `/files/${'a'.repeat(5_000)}`,
    '/providers//files',
    '/providers/%2e%2e/files',
  ])('refuses %s', (url) => {
    expect(() => read(url)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it.each([
    '/chat/completions',
    '/v1/chat/completions',
    '/providers/openai/v1/chat/completions',
    '/providers/openai/chat/completions/',
    '/providers/openai/Chat/Completions',
    '/providers/openai/chat/%63ompletions',
    '/providers/openai/responses',
    '/providers/anthropic/v1/messages',
    '/providers/openai/embeddings',
    '/providers/openai/images/generations',
    '/providers/gemini/v1beta/models/m:generateContent',
    '/providers/gemini/v1beta/tunedModels/m:streamGenerateContent',
    '/providers/bedrock/model/m/converse',
    '/providers/openai/organization/users',
    '/providers/openai/filesystem',
    '/providers/openai/realtime/client_secrets',
    '/providers/openai/realtime/sessions/x',
    '/realtime/client%5fsecrets',
    '/realtime/%63lient_secrets/',
    '/realtime/Client_Secrets',
    '/providers/openai',
    '/filesystem',
    '/v2',
  ])('has nothing at %s', (url) => {
    expect(() => read(url, [...defaultPaths, '/chat'])).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('passes on what hands out credentials only when it is named', () => {
    expect(read('/realtime/client_secrets', ['/realtime', '/realtime/client_secrets']).path).toBe(
      '/realtime/client_secrets',
    );
  });
});

describe('looksPassable', () => {
  it('leaves to others what the gateway serves itself, and what nobody asked it to pass on', () => {
    expect(looksPassable('/v1/files?x', defaultPaths)).toBe(true);
    expect(looksPassable('/files/../x', defaultPaths)).toBe(true);
    expect(looksPassable('/providers/x', defaultPaths)).toBe(true);
    expect(looksPassable('/responses', defaultPaths)).toBe(false);
    expect(looksPassable('/responses/r-1', defaultPaths)).toBe(true);
    expect(looksPassable('/images/generations', defaultPaths)).toBe(false);
    expect(looksPassable('/dashboard', defaultPaths)).toBe(false);
    expect(looksPassable('/', defaultPaths)).toBe(false);
  });
});
