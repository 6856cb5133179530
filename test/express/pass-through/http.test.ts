import { request as httpRequest } from 'node:http';
import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import express4 from 'express4';
import { type Capability, pass } from '../../../src/core/capability.ts';
import { createPassThrough } from '../../../src/express/pass-through/create-pass-through.ts';
import { mountPassThrough } from '../../../src/express/pass-through.ts';
import type { PassThroughOptions } from '../../../src/pass-through/index.ts';
import { listen, until } from '../../support/test-app.ts';
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
let app: PassThroughApp;

afterEach(async () => {
  await app?.close();
  await upstream?.close();
});

async function start(
  serve?: Parameters<typeof startUpstream>[0],
  options: (url: string) => PassThroughOptions = () => ({}),
): Promise<void> {
  upstream = await startUpstream(serve);
  app = await startPassThroughApp({
    providers: { openai: { apiKey: providerKey, baseUrl: `${upstream.url}/v1` } },
    ...options(upstream.url),
  });
}

/** Stands for `auth` where something else knows the caller. */
const allow: Capability = { name: 'auth', onHead: () => pass };

const timeouts =
  (times: NonNullable<NonNullable<PassThroughOptions['providers']>[string]['timeouts']>) => (url: string) => ({
    providers: { openai: { apiKey: providerKey, baseUrl: `${url}/v1`, timeouts: times } },
  });

describe('passThrough over HTTP', () => {
  it("sends the request on with the provider's key and gives the answer back", async () => {
    await start();
    const answer = await send({
      port: app.port,
      path: '/v1/files?limit=2&key=x',
      headers: { accept: 'application/json' },
    });
    expect(answer).toMatchObject({
      status: 200,
      text: '{"ok":true}',
      headers: {
        'content-type': 'application/json',
        'x-provider': 'openai',
        'x-gateway-attempts': '1',
        'x-request-id': expect.any(String),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      },
    });
    expect(upstream.received).toMatchObject([{ method: 'GET', url: '/v1/files?limit=2' }]);
    expect(upstream.received[0]?.headers.authorization).toBe(`Bearer ${providerKey}`);
    await app.checkInvariants();
    expect(app.witness.settlements).toMatchObject([
      {
        status: 'ok',
        httpStatus: 200,
        provider: 'openai',
        model: 'pass-through:files',
        attempts: [{ status: 'ok', httpStatus: 200 }],
      },
    ]);
  });

  it('HC-14 HC-16 sends only the headers of the list, and none that `Connection` names', async () => {
    await start();
    await send({
      port: app.port,
      path: '/v1/audio/transcriptions',
      method: 'POST',
      body: '{}',
      headers: {
        'content-type': 'application/json',
        cookie: 'session=canary',
        connection: 'close, x-secret',
        'x-secret': 'canary',
        'keep-alive': 'timeout=9',
        te: 'trailers',
        'proxy-authorization': 'Basic canary',
        'x-forwarded-for': '6.6.6.6',
        'x-real-ip': '6.6.6.6',
        forwarded: 'for=6.6.6.6',
        'x-api-key': callerKey,
        'openai-organization': 'org-canary',
        'openai-beta': 'assistants=v2',
        'idempotency-key': 'abc',
        'accept-encoding': 'gzip',
        range: 'bytes=0-1',
        origin: 'https://example.com',
        referer: 'https://example.com/canary',
        'user-agent': 'somebody',
      },
    });
    const { headers } = upstream.received[0] ?? { headers: {} };
    expect(headers).toEqual({
      accept: '*/*',
      'accept-encoding': 'identity',
      authorization: `Bearer ${providerKey}`,
      connection: 'keep-alive',
      'content-length': '2',
      'content-type': 'application/json',
      host: upstream.url.slice('http://'.length),
      'idempotency-key': 'abc',
      'openai-beta': 'assistants=v2',
      range: 'bytes=0-1',
      'user-agent': 'ai-gateway-middleware',
    });
  });

  it('HC-19 gives back only the headers of the list', async () => {
    await start((request, response) => {
      request.resume();
      response.writeHead(206, {
        'content-type': 'audio/mpeg',
        'content-length': '3',
        'content-range': 'bytes 0-2/9',
        'content-disposition': 'attachment; filename="a.mp3"',
        'set-cookie': ['a=1', 'b=2'],
        'openai-organization': 'org-canary',
        'openai-project': 'proj-canary',
        server: 'cloudflare',
        'cf-ray': '1',
        'access-control-allow-origin': '*',
        'strict-transport-security': 'max-age=1',
        'x-ratelimit-remaining-requests': '9',
        'retry-after': '3',
        'cache-control': 'public, max-age=600',
        connection: 'x-hop',
        'x-hop': '1',
      });
      response.end('abc');
    });
    const { status, headers, text } = await send({ port: app.port, path: '/v1/files/f-1/content' });
    expect([status, text]).toEqual([206, 'abc']);
    const { date: _date, 'x-request-id': _id, connection: _connection, ...rest } = headers;
    expect(rest).toEqual({
      'cache-control': 'no-store',
      'content-disposition': 'attachment; filename="a.mp3"',
      'content-length': '3',
      'content-range': 'bytes 0-2/9',
      'content-type': 'audio/mpeg',
      'retry-after': '3',
      'x-content-type-options': 'nosniff',
      'x-gateway-attempts': '1',
      'x-provider': 'openai',
      'x-ratelimit-remaining-requests': '9',
    });
  });

  it('takes nothing without a key, with a wrong one, and nothing of a path that the gateway serves itself', async () => {
    await start();
    expect(
      (await send({ port: app.port, path: '/v1/files', headers: { authorization: 'Bearer nobody-0123456789' } }))
        .status,
    ).toBe(401);
    expect((await send({ port: app.port, path: '/v1/chat/completions', method: 'POST', body: '{}' })).text).toBe('app');
    expect((await send({ port: app.port, path: '/v1/organization/admin_api_keys' })).text).toBe('app');
    for (const path of [
      '/v1/providers/openai/v1/chat/completions',
      '/v1/providers/openai/chat/completions/',
      '/v1/providers/openai/chat%2fcompletions',
      '/v1/providers/openai/chat/completion%73',
      '/v1/providers/openai/responses',
      '/v1/providers/openai/organization/admin_api_keys',
      '/v1/providers/nobody/files',
      '/v1/providers/openai',
    ]) {
      const { status } = await send({ port: app.port, path, method: 'POST', body: '{}' });
      expect([path, status === 400 || status === 404]).toEqual([path, true]);
    }
    expect(upstream.received).toEqual([]);
    await app.checkInvariants();
  });

  it('refuses a key that is limited to models, unless its list has the path', async () => {
    await start();
    const refused = await send({
      port: app.port,
      path: '/v1/files',
      headers: { authorization: `Bearer ${limitedKey}` },
    });
    expect(refused.status).toBe(403);
    expect(JSON.parse(refused.text).error.code).toBe('model_not_allowed');
    expect(upstream.received).toEqual([]);
    const allowed = await send({
      port: app.port,
      path: '/v1/batches',
      headers: { authorization: `Bearer ${limitedKey}` },
    });
    expect(allowed.status).toBe(200);
  });

  it('D3 hands out no credential of the provider, unless the operator says so', async () => {
    await start();
    for (const path of [
      '/v1/realtime/client_secrets',
      '/v1/realtime/sessions',
      '/v1/providers/openai/realtime/sessions',
    ]) {
      const answer = await send({ port: app.port, path, method: 'POST', body: '{}' });
      expect([404, 418]).toContain(answer.status);
    }
    expect(upstream.received).toEqual([]);
  });

  it('AU-17 AD-01 keeps every trick of a path inside the base path, or refuses it', async () => {
    await start();
    const tricks = [
      '/v1/files/../../admin',
      '/v1/files/..%2f..%2fadmin',
      '/v1/files/%2e%2e/admin',
      '/v1/files/%2E./admin',
      '/v1/files/.%2e/admin',
      '/v1/files/./x',
      '/v1/files//x',
      '/v1/files/%2f/x',
      '/v1/files/%5c..%5cadmin',
      '/v1/files/\\..\\admin',
      '/v1/files/..;/admin',
      '/v1/files/%252e%252e/admin',
      '/v1/files/%00',
      '/v1/files/%0d%0aHost:%20evil',
      '/v1/files/%zz',
      '/v1/files/a#b',
      '//evil.example/v1/files',
      '/v1//evil.example/files',
      '/v1/providers/..%2f/files',
      '/v1/providers//files',
      '/v1/providers/openai//evil.example/files',
      '/v1/providers/openai/../files',
      '/v1/providers/openai/@evil.example/files',
      '/v1/providers/http:%2f%2fevil.example/files',
      'http://evil.example/v1/files/../x',
      'http://evil.example/v1/files',
      '/v1/files?x=/../..',
      '/v1/files/@evil.example',
      '/v1/files/http://evil.example',
    ];
    for (const path of tricks) {
      const before = upstream.received.length;
      const { status } = await send({ port: app.port, path });
      const [got] = upstream.received.slice(before);
      if (got === undefined) expect([path, status >= 400 && status < 500]).toEqual([path, true]);
      else {
        expect([path, got.url.startsWith('/v1/files')]).toEqual([path, true]);
        expect(got.url.split('?', 1)[0]).not.toMatch(/\/\.|%2e|%2f|\/\/|\\/i);
        expect(got.headers.host).toBe(upstream.url.slice('http://'.length));
      }
    }
    await app.checkInvariants();
  });

  it('HC-20 follows no redirect and passes none on', async () => {
    const other = await startUpstream();
    try {
      await start((request, response) => {
        request.resume();
        response.writeHead(307, { location: `${other.url}/stolen` }).end();
      });
      const answer = await send({ port: app.port, path: '/v1/files', method: 'POST', body: '{}' });
      expect(answer.status).toBe(502);
      expect(JSON.parse(answer.text).error.code).toBe('upstream_redirect');
      expect(answer.headers.location).toBeUndefined();
      expect(other.received).toEqual([]);
      await app.checkInvariants();
    } finally {
      await other.close();
    }
  });

  it.each([
    [
      404,
      { error: { message: 'No such File object: file-1', type: 'invalid_request_error', param: 'id', code: null } },
      404,
      'not_found',
      'No such File object: file-1',
    ],
    [
      409,
      { error: { message: 'Already cancelled.', type: 'invalid_request_error' } },
      409,
      'invalid_request',
      'Already cancelled.',
    ],
    [400, { error: { message: `Bad key ${providerKey}` } }, 400, 'invalid_request', 'Bad key'],
    [
      401,
      { error: { message: `Incorrect API key provided: ${providerKey}` } },
      502,
      'upstream_auth_failed',
      "gateway's credentials",
    ],
    [403, { error: { message: 'org-canary has no access' } }, 502, 'upstream_auth_failed', "gateway's credentials"],
    [429, { error: { message: 'slow down', code: 'rate_limit_exceeded' } }, 429, 'rate_limit_exceeded', 'Too many'],
    [500, '<html>stack</html>', 502, 'upstream_error', 'answered with an error'],
    [503, '', 503, 'upstream_overloaded', 'overloaded'],
  ])('PT-19 tells a %i of the provider in its own words or in ours', async (status, body, expected, code, message) => {
    await start((request, response) => {
      request.resume();
      response.writeHead(status, { 'set-cookie': 'a=1' }).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
    const answer = await send({ port: app.port, path: '/v1/files/file-1' });
    expect(answer.status).toBe(expected);
    const { error } = JSON.parse(answer.text);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(answer.text + JSON.stringify(answer.headers)).not.toMatch(/canary|set-cookie|stack/);
    await app.checkInvariants();
    expect(app.witness.settled).toMatchObject([{ status: 'upstream_error', httpStatus: status }]);
  });

  it('speaks of a connection that was refused', async () => {
    await start(undefined, () => ({
      providers: { openai: { apiKey: providerKey, baseUrl: 'http://127.0.0.1:1/v1' } },
    }));
    const answer = await send({ port: app.port, path: '/v1/files', method: 'POST', body: 'x' });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([502, 'upstream_connection']);
    expect(answer.text).not.toContain('127.0.0.1');
    await app.checkInvariants();
    expect(app.witness.settled).toMatchObject([{ status: 'not_sent' }]);
  });

  it('gives up on a provider that never answers', async () => {
    await start((request) => void request.resume(), timeouts({ firstToken: '200ms' }));
    const answer = await send({ port: app.port, path: '/v1/files' });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([504, 'upstream_timeout']);
    await app.checkInvariants();
    expect(app.witness.settlements).toMatchObject([{ status: 'timeout' }]);
    await until(() => upstream.sockets.size === 0);
  });

  it.each([
    ['idle', timeouts({ idle: '200ms' })],
    ['total', timeouts({ total: '300ms' })],
  ] as const)('breaks an answer off that passes the %s limit', async (limit, options) => {
    await start((request, response) => {
      request.resume();
      response.write('begin');
      const timer = limit === 'total' ? setInterval(() => response.write('x'), 20) : undefined;
      response.once('close', () => clearInterval(timer));
    }, options);
    await expect(send({ port: app.port, path: '/v1/files/f/content' })).rejects.toThrow();
    await app.checkInvariants();
    expect(app.witness.settlements).toMatchObject([{ status: 'timeout', error: { code: 'upstream_timeout' } }]);
    await until(() => upstream.sockets.size === 0);
  });

  it('PT-06 breaks the connection of the caller where the provider broke its own', async () => {
    await start((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': '1000' });
      response.write('half');
      setTimeout(() => response.destroy(), 30);
    });
    await expect(send({ port: app.port, path: '/v1/files/f/content' })).rejects.toThrow();
    await app.checkInvariants();
    expect(app.witness.settlements).toMatchObject([
      { status: 'upstream_truncated', attempts: [{ status: 'upstream_truncated' }] },
    ]);
  });

  it.each(['waiting', 'downloading', 'uploading'])(
    'PT-22 HC-21 stops the provider at once when the caller goes while %s',
    async (phase) => {
      await start((request, response) => {
        request.resume();
        if (phase === 'downloading') response.write('begin');
      });
      const request = httpRequest({
        host: '127.0.0.1',
        port: app.port,
        path: '/v1/files',
        method: 'POST',
        agent: false,
        headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'multipart/form-data; boundary=x' },
      });
      request.on('error', () => {});
      let answering = false;
      request.once('response', (response) => {
        answering = true;
        response.on('error', () => {});
        response.resume();
      });
      request.write('--x\r\n');
      if (phase !== 'uploading') request.end('--x--\r\n');
      await until(() => upstream.received.length === 1 && (phase !== 'downloading' || answering));
      await new Promise((resolve) => setTimeout(resolve, 30));
      request.destroy();
      await until(() => upstream.sockets.size === 0);
      await app.checkInvariants();
      expect(app.witness.settlements).toMatchObject([{ status: 'client_abort' }]);
    },
  );

  it('streams an upload of 200 MB to a slow provider without holding it', async () => {
    const size = 200 * 1024 * 1024;
    let arrived = 0;
    await start((request, response) => {
      request.on('data', (chunk: Buffer) => {
        arrived += chunk.length;
        if (arrived % (4 * 1024 * 1024) < chunk.length) {
          request.pause();
          setTimeout(() => request.resume(), 5);
        }
      });
      request.once('end', () => response.end('{}'));
    });
    const before = process.memoryUsage().rss;
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss - before);
    }, 10);
    const chunk = Buffer.alloc(64 * 1024);
    const status = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: app.port,
          path: '/v1/files',
          method: 'POST',
          agent: false,
          headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'multipart/form-data; boundary=x' },
        },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
        },
      );
      request.on('error', reject);
      let sent = 0;
      const more = (): void => {
        while (sent < size) {
          sent += chunk.length;
          if (!request.write(chunk)) {
            request.once('drain', more);
            return;
          }
        }
        request.end();
      };
      more();
    });
    clearInterval(watch);
    expect(status).toBe(200);
    expect(arrived).toBe(size);
    expect(peak).toBeLessThan(100 * 1024 * 1024);
    expect(upstream.received[0]?.headers['content-type']).toBe('multipart/form-data; boundary=x');
    await app.checkInvariants();
  });

  it('HC-02 refuses uploads over the limit, announced or not', async () => {
    await start(undefined, () => ({ maxUpload: '1kb' }));
    const announced = await send({ port: app.port, path: '/v1/files', method: 'POST', body: Buffer.alloc(2_000) });
    expect(announced.status).toBe(413);
    expect(upstream.received).toHaveLength(0);
    const chunked = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: app.port,
          path: '/v1/files',
          method: 'POST',
          agent: false,
          headers: { authorization: `Bearer ${callerKey}` },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject);
      request.write(Buffer.alloc(600));
      setTimeout(() => request.write(Buffer.alloc(600)), 50);
    });
    expect(chunked).toBe(413);
    await app.checkInvariants();
  });

  it('HC-17 refuses a chunked body where the provider could not tell its end', async () => {
    await start();
    const socket = createConnection(app.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.write(
      `DELETE /v1/files/f HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${callerKey}\r\ntransfer-encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n`,
    );
    await until(() => text.includes('invalid_headers'));
    socket.destroy();
    expect(upstream.received).toEqual([]);
    await app.checkInvariants();
  });

  it('HC-13 reads no faster than the caller', async () => {
    let written = 0;
    await start((request, response) => {
      request.resume();
      const chunk = Buffer.alloc(64 * 1024);
      const more = (): void => {
        while (written < 100 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', more);
            return;
          }
        }
        response.end();
      };
      more();
    });
    const request = httpRequest({
      host: '127.0.0.1',
      port: app.port,
      path: '/v1/files/f/content',
      agent: false,
      headers: { authorization: `Bearer ${callerKey}` },
    });
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => {
      request.once('response', resolve);
      request.end();
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBeLessThan(40 * 1024 * 1024);
    let size = 0;
    for await (const chunk of response) size += chunk.length;
    expect(size).toBe(written);
    await app.checkInvariants();
  });

  it('sends HEAD and DELETE without a body, and takes no OPTIONS', async () => {
    await start();
    for (const method of ['HEAD', 'DELETE']) {
      expect((await send({ port: app.port, path: '/v1/files/f', method })).status).toBe(200);
    }
    expect(upstream.received.map(({ method }) => method)).toEqual(['HEAD', 'DELETE']);
    expect((await send({ port: app.port, path: '/v1/files/f', method: 'OPTIONS' })).status).toBe(405);
    await app.checkInvariants();
  });

  it.each([
    ['express.json()', express5.json(), '{"a": 1}', 'application/json', '{"a":1}'],
    ['express.raw()', express5.raw({ type: () => true }), '--x--', 'multipart/form-data; boundary=x', '--x--'],
    ['express.text()', express5.text({ type: () => true }), 'text', 'text/plain', 'text'],
  ])('sends on what %s has read before', async (_name, parser, body, type, expected) => {
    let got = '';
    await start((request, response) => {
      request.on('data', (chunk: Buffer) => {
        got += chunk.toString();
      });
      request.once('end', () => response.end('{}'));
    });
    const outer = express5()
      .use(parser)
      .use(mountPassThrough(app.capability, [allow]));
    const listening = await listen(outer);
    const port = Number(new URL(listening.url).port);
    const headers = { 'content-type': type };
    const answer = await send({ port, path: '/files', method: 'POST', headers, body });
    expect([answer.status, got]).toEqual([200, expected]);
    await listening.close();
  });

  it('serves a client that offers HTTP/2 in passing, and passes the offer on to nobody', async () => {
    await start();
    const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQ' };
    const answer = await send({ port: app.port, path: '/v1/files', method: 'POST', body: 'abc', headers });
    expect(answer.status).toBe(200);
    expect(upstream.received[0]?.headers).not.toHaveProperty('upgrade');
    expect(upstream.received[0]?.headers).not.toHaveProperty('http2-settings');
    await app.checkInvariants();
  });

  it('runs on Express 4', async () => {
    await start();
    const outer = express4().use('/v1', mountPassThrough(app.capability, [allow]));
    const listening = await listen(outer);
    const port = Number(new URL(listening.url).port);
    expect((await send({ port, path: '/v1/files/f-1', method: 'POST', body: 'abc' })).status).toBe(200);
    expect(upstream.received[0]?.url).toBe('/v1/files/f-1');
    await listening.close();
  });

  it('refuses a form that something in front has read', async () => {
    await start();
    const outer = express5()
      .use(express5.urlencoded())
      .use(mountPassThrough(app.capability, [allow]));
    const listening = await listen(outer);
    const port = Number(new URL(listening.url).port);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await send({ port, path: '/files', method: 'POST', headers, body: 'a=b' });
    expect(JSON.parse(answer.text).error.code).toBe('wrong_mount');
    await listening.close();
  });

  it('AU-19 serves nobody where no `auth` stands in front, unless it is told to', async () => {
    await start();
    const open = createPassThrough(
      { providers: { openai: { apiKey: providerKey, baseUrl: upstream.url } }, anonymous: 'allow' },
      { environment: {} },
    );
    const outer = express5()
      .use('/closed', mountPassThrough(app.capability, []))
      .use('/open', mountPassThrough(open, []));
    const listening = await listen(outer);
    const port = Number(new URL(listening.url).port);
    const closed = await send({ port, path: '/closed/files' });
    expect([closed.status, JSON.parse(closed.text).error.code]).toEqual([500, 'wrong_mount']);
    expect((await send({ port, path: '/open/files' })).status).toBe(200);
    await listening.close();
    open.close();
  });

  it('LC-02 ends with its own error when the gateway shuts down', async () => {
    await start((request) => void request.resume());
    const pending = send({ port: app.port, path: '/v1/files' });
    await until(() => upstream.received.length === 1);
    app.witness.calls[0]?.cancellation.cancel('shutting_down');
    expect(JSON.parse((await pending).text).error.code).toBe('shutting_down');
    await app.checkInvariants();
    await until(() => upstream.sockets.size === 0);
  });
});

describe('which provider', () => {
  const three = (url: string): PassThroughOptions => ({
    providers: {
      anthropic: { apiKey: 'anthropic-key-0123456789', baseUrl: `${url}/a` },
      gemini: { apiKey: 'gemini-key-0123456789', baseUrl: `${url}/g` },
      openai: { apiKey: providerKey, baseUrl: `${url}/o/v1` },
    },
  });

  it.each([
    ['/v1/files', {}, '/o/v1/files'],
    ['/v1/v1/files', {}, '/o/v1/files'],
    ['/v1/messages/batches', {}, '/a/v1/messages/batches'],
    ['/v1/v1/messages/batches/b1/results', {}, '/a/v1/messages/batches/b1/results'],
    ['/v1/files', { 'anthropic-version': '2023-06-01' }, '/a/v1/files'],
    ['/v1/v1beta/files', {}, '/g/v1beta/files'],
    ['/v1/cachedContents', {}, '/g/v1beta/cachedContents'],
    ['/v1/upload/v1beta/files', {}, '/g/upload/v1beta/files'],
    ['/v1/providers/gemini/v1beta/files', {}, '/g/v1beta/files'],
    ['/v1/providers/google/files', {}, '/g/v1beta/files'],
    ['/v1/providers/anthropic/files', {}, '/a/v1/files'],
    ['/v1/files', { 'x-gateway-provider': 'anthropic' }, '/a/v1/files'],
    ['/v1/batches/b-1', {}, '/o/v1/batches/b-1'],
  ])('%s with %j goes to %s', async (path, headers, expected) => {
    await start(undefined, three);
    expect((await send({ port: app.port, path, headers })).status).toBe(200);
    const [got] = upstream.received;
    expect(got?.url).toBe(expected);
    const credential = {
      o: ['authorization', `Bearer ${providerKey}`],
      a: ['x-api-key', 'anthropic-key-0123456789'],
      g: ['x-goog-api-key', 'gemini-key-0123456789'],
    }[expected[1] ?? ''];
    expect(got?.headers[credential?.[0] ?? '']).toBe(credential?.[1]);
    expect(JSON.stringify(got)).not.toContain(callerKey);
    await app.checkInvariants();
  });

  it('says so when nobody has the path', async () => {
    await start(undefined, (url) => ({
      providers: {
        anthropic: { apiKey: 'anthropic-key-0123456789', baseUrl: url },
        gemini: { apiKey: 'gemini-key-0123456789', baseUrl: url },
      },
    }));
    const answer = await send({ port: app.port, path: '/v1/audio/speech', method: 'POST', body: '{}' });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.text).error.message).toContain('/providers/{name}/');
  });

  it('reaches only those it is limited to', async () => {
    await start(undefined, (url) => ({ ...three(url), only: ['openai'] }));
    expect((await send({ port: app.port, path: '/v1/providers/gemini/files' })).status).toBe(404);
    expect((await send({ port: app.port, path: '/v1/messages/batches' })).status).toBe(200);
    expect(upstream.received[0]?.url).toBe('/o/v1/messages/batches');
  });
});
