import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createProxyMiddleware, fixRequestBody } from 'http-proxy-middleware';
import { type ProviderTranslateOptions, providerTranslate } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type ListeningServer, listen } from '../support/test-app.ts';

let wall: FakeProvider;
let app: ListeningServer | undefined;

afterEach(async () => {
  await wall.whenIdle();
  await app?.close();
  await wall.close();
});

/** An app in front of Gemini: it sends by itself, or by a proxy of its own. */
async function start(forward: 'send' | 'next'): Promise<ListeningServer> {
  wall = await startFakeProvider();
  const options: ProviderTranslateOptions = {
    forward,
    providers: { gemini: { apiKey: 'provider-key-canary-0', baseUrl: wall.baseUrl('gemini') } },
  };
  const server = express();
  server.use(providerTranslate(options));
  server.use(createProxyMiddleware({ target: wall.url, changeOrigin: true, on: { proxyReq: fixRequestBody } }));
  app = await listen(server);
  return app;
}

async function post({ url }: ListeningServer, path: string, body: object) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, json: JSON.parse(await response.text()) };
}

const texts = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `text ${index}`);

describe.each(['send', 'next'] as const)('translation with forward: %s', (forward) => {
  it('A8: carries embeddings', async () => {
    const input = texts(3);
    const { status, json } = await post(await start(forward), '/v1/embeddings', {
      model: 'gemini/gemini-embedding-001',
      input,
      encoding_format: 'base64',
    });
    expect([status, json.data?.length, typeof json.data?.[2]?.embedding]).toEqual([200, 3, 'string']);
    expect(wall.calls.map(({ path }) => path)).toEqual(['/v1beta/models/gemini-embedding-001:batchEmbedContents']);
  });

  it('A9: carries pictures', async () => {
    const { status, json } = await post(await start(forward), '/v1/images/generations', {
      model: 'gemini/gemini-2.5-flash-image',
      prompt: 'a red square',
    });
    expect([status, typeof json.data?.[0]?.b64_json]).toEqual([200, 'string']);
  });

  it('makes several requests of one only where it sends them', async () => {
    const { status, json } = await post(await start(forward), '/v1/embeddings', {
      model: 'gemini/gemini-embedding-001',
      input: texts(101),
    });
    if (forward === 'send') expect([status, json.data.length, wall.calls.length]).toEqual([200, 101, 2]);
    else expect([status, json.error.code, wall.calls.length]).toEqual([400, 'invalid_request', 0]);
  });
});
