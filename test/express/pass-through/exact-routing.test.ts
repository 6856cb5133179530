import { afterEach, describe, expect, it } from '@jest/globals';
import {
  callerKey,
  limitedKey,
  type PassThroughApp,
  providerKey,
  send,
  startPassThroughApp,
  startUpstream,
  type Upstream,
} from './support.ts';

let upstream: Upstream;
let bodies: Buffer[];
let app: PassThroughApp;

async function start(): Promise<void> {
  bodies = [];
  upstream = await startUpstream((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      bodies.push(Buffer.concat(chunks));
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
  });
  app = await startPassThroughApp({
    providers: {
      openai: { apiKey: providerKey, baseUrl: `${upstream.url}/v1` },
      backup: { type: 'openai', apiKey: `${providerKey}-backup`, baseUrl: `${upstream.url}/backup/v1` },
    },
  });
}

afterEach(async () => {
  await app.checkInvariants();
  await app.close();
  await upstream.close();
});

describe('AD-22: where a request goes', () => {
  it.each([
    'api.openai.com',
    'api.openai.com.evil.example',
    'evil-api.openai.com',
    'backup',
    'backup.localhost',
    '127.0.0.1:1',
    'x/health?',
  ])('is not decided by the Host header: %s', async (host) => {
    await start();
    const { status } = await send({ port: app.port, path: '/v1/files', headers: { host } });
    expect(status).toBe(200);
    const own = new URL(upstream.url).host;
    expect(upstream.received).toMatchObject([{ url: '/v1/files', headers: { host: own } }]);
    expect(upstream.received[0]?.headers.authorization).toBe(`Bearer ${providerKey}`);
  });

  it.each([
    ['a name that begins like a provider', '/v1/providers/openai2/files', {}],
    ['a name that ends like one', '/v1/providers/my-openai/files', {}],
    ['such a name in the header', '/v1/files', { 'x-gateway-provider': 'openai.evil' }],
    ['a part of a name', '/v1/files', { 'x-gateway-provider': 'back' }],
    ['a path that begins like one that is passed on', '/v1/filesystem', {}],
    ['one that ends like it', '/v1/my/files', {}],
  ])('is decided by whole names alone: %s', async (_what, path, headers) => {
    await start();
    const { status, text } = await send({ port: app.port, path, headers });
    // The app behind answers what is none of the gateway's paths.
    expect([[404, 418].includes(status), text.includes('ok')]).toEqual([true, false]);
    expect(upstream.received).toEqual([]);
  });

  it.each(['/v1/batches2', '/v1/batchesx/1', '/v1/x/batches'])(
    'is decided by whole names in the rights of a key: %s',
    async (path) => {
      await start();
      const headers = { authorization: `Bearer ${limitedKey}` };
      expect((await send({ port: app.port, path, headers })).status).not.toBe(200);
      expect(upstream.received).toEqual([]);
      expect((await send({ port: app.port, path: '/v1/batches', headers })).status).toBe(200);
    },
  );
});

describe('AD-22: a multipart body', () => {
  const boundary = '----gateway"boundary';
  const part = (disposition: string, content: string): string =>
    `------gateway"boundary\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${content}\r\n`;
  const body = Buffer.concat([
    Buffer.from(part('name="model\r\nX-Injected: 1"', 'whisper-1')),
    Buffer.from(part('name="file"; filename="a\r\n\r\nb.mp3"', 'x')),
    Buffer.from(part('name="file"; filename="../../etc/passwd\0.mp3"', '\u00e9')),
    Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]),
    Buffer.from('------gateway"boundary--'),
    Buffer.from('\r\nwhat follows the end'),
  ]);

  it.each([undefined, 'chunked'])('is passed on to the byte, whatever its names hold (%s)', async (encoding) => {
    await start();
    const headers = {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...(encoding === undefined ? { 'content-length': String(body.length) } : { 'transfer-encoding': encoding }),
    };
    const { status } = await send({
      port: app.port,
      path: '/v1/audio/transcriptions',
      method: 'POST',
      headers: { ...headers, authorization: `Bearer ${callerKey}` },
      body,
    });
    expect(status).toBe(200);
    expect(bodies).toEqual([body]);
    expect(upstream.received[0]?.headers['content-type']).toBe(headers['content-type']);
    expect(upstream.received[0]?.rawHeaders.join('\n')).not.toContain('X-Injected');
  });
});
