import { connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pass } from '../../src/core/capability.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import {
  chat,
  type GatewayApp,
  type GatewayAppOptions,
  startGatewayApp,
  until,
  wallProviders,
} from '../support/test-app.ts';

const question = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'Say hello.' }] };
const text = JSON.stringify(question);

let wall: FakeProvider;
let app: GatewayApp | undefined;

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  await app?.checkInvariants();
  await app?.close();
  app = undefined;
  wall.reset();
});

async function start(options: Partial<GatewayAppOptions> = {}): Promise<GatewayApp> {
  app = await startGatewayApp({ providers: wallProviders(wall), walls: [wall], retries: 0, ...options });
  return app;
}

/** Sends bytes as they are and gives back everything until the server closes, or until `settled` says enough. */
function raw(
  url: string,
  bytes: string | Uint8Array,
  settled: (answer: string) => boolean = () => false,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answer = '';
    const timer = setTimeout(() => finish(), 3_000);
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (settled(answer)) finish();
    });
    socket.on('close', finish);
    socket.on('error', (error: NodeJS.ErrnoException) => (error.code === 'ECONNRESET' ? finish() : reject(error)));
    socket.write(bytes);
  });
}

const rawPost = (headers: readonly string[], body: string): string =>
  ['POST /v1/chat/completions HTTP/1.1', ...headers, '', body].join('\r\n');

const codeOf = (body: string): string => JSON.parse(body).error.code;

/** Fifty ways to write JSON wrongly, made from a right one. */
const malformed: readonly string[] = [
  '',
  ' ',
  'null',
  '[]',
  '"text"',
  '1',
  '{]',
  '{"a"}',
  "{'model':'x'}",
  '{"a":undefined}',
  '{"a":NaN}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1,}',
  '{"a":"\t"}',
  '{"a":"\\x"}',
  '{"a":"\\u12"}',
  '// comment\n{}',
  '{}{}',
  'data: {}',
  ...Array.from({ length: 30 }, (_, index) => text.slice(0, 1 + index * 2)),
];

describe('requests', () => {
  it('HC-01: answers each of 50 malformed bodies with 400 and does not echo them', async () => {
    const { url } = await start();
    expect(malformed).toHaveLength(50);
    for (const body of malformed) {
      const answer = await chat(url, body);
      expect(answer.status).toBe(400);
      expect(['invalid_json', 'invalid_request']).toContain(codeOf(answer.text));
      expect(answer.text).not.toContain('Say hello');
    }
    expect(wall.calls).toHaveLength(0);
  });

  it('HC-02: answers a body over the limit with 413, declared or not, and closes the connection', async () => {
    const { url } = await start({ bodyLimit: 10_000 });
    const large = JSON.stringify({ ...question, padding: 'x'.repeat(20_000) });
    const declared = await raw(url, rawPost(['Host: a', `Content-Length: ${large.length}`], large.slice(0, 100)));
    expect(declared).toContain('413');
    expect(declared.toLowerCase()).toContain('connection: close');
    const chunked = `${large.length.toString(16)}\r\n${large}\r\n`;
    const undeclared = await raw(url, rawPost(['Host: a', 'Transfer-Encoding: chunked'], chunked));
    expect(undeclared).toContain('request_too_large');
    expect(undeclared.toLowerCase()).toContain('connection: close');
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const)('HC-03: a %s bomb is a 413, a small compressed body is served', async (encoding, compress) => {
    const { url } = await start({ bodyLimit: 1024 * 1024 });
    const headers = { 'content-encoding': encoding };
    const before = process.memoryUsage().rss;
    const bomb = await chat(url, compress(Buffer.alloc(60 * 1024 * 1024, 0x20)), { headers });
    expect([bomb.status, codeOf(bomb.text)]).toEqual([413, 'request_too_large']);
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
    expect((await chat(url, compress(Buffer.from(text)), { headers })).status).toBe(200);
  });

  it.each([['application/x-www-form-urlencoded'], ['text/plain'], ['application/octet-stream'], ['']])(
    'HC-10: serves JSON sent as "%s"',
    async (type) => {
      const { url } = await start();
      const length = Buffer.byteLength(text);
      const headers = [
        'Host: a',
        'Connection: close',
        `Content-Length: ${length}`,
        ...(type === '' ? [] : [`Content-Type: ${type}`]),
      ];
      expect(await raw(url, rawPost(headers, text))).toContain('HTTP/1.1 200');
    },
  );

  it.each([
    ['multipart/form-data; boundary=x', text],
    ['application/json; charset=utf-16', text],
    ['text/csv', 'a,b,c'],
  ])('HC-10: answers %s with 415', async (type, body) => {
    const { url } = await start();
    const answer = await chat(url, body, { headers: { 'content-type': type } });
    expect([answer.status, codeOf(answer.text)]).toEqual([415, 'unsupported_media_type']);
  });

  it('HC-11: closes clients that take their time over the headers', async () => {
    const { url, server } = await start();
    server.headersTimeout = 500;
    const answer = await raw(url, 'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nX-Slow');
    expect(answer === '' || answer.includes('408')).toBe(true);
  });

  it('HC-14, HC-16: the provider gets the allow-list and its own credential, nothing of the caller', async () => {
    const { url } = await start();
    await chat(url, question, {
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer caller-credential-canary',
        'x-api-key': 'caller-credential-canary',
        'api-key': 'caller-credential-canary',
        'x-goog-api-key': 'caller-credential-canary',
        cookie: 'session=caller-credential-canary',
        'x-forwarded-for': '10.1.2.3',
        'x-forwarded-host': 'elsewhere.example',
        te: 'trailers',
        'proxy-authorization': 'Basic caller-credential-canary',
        'x-custom': 'caller-credential-canary',
      },
    });
    const [call] = wall.calls;
    const names = Object.keys(call?.headers ?? {}).sort();
    expect(names).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ]);
    expect(JSON.stringify(call?.headers)).not.toContain('caller-credential-canary');
    expect(JSON.stringify(call?.headers)).toContain('provider-key-canary');
  });

  it.each([
    ['two Host headers', rawPost(['Host: a', 'Host: b', `Content-Length: ${text.length}`], text)],
    ['an unknown transfer coding', rawPost(['Host: a', 'Transfer-Encoding: xchunked'], text)],
    [
      'length and coding together',
      rawPost(['Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ],
    ['two lengths', rawPost(['Host: a', 'Content-Length: 5', 'Content-Length: 6'], text)],
    ['a space before the colon', rawPost(['Host: a', `Content-Length : ${text.length}`], text)],
    ['bare line feeds', `POST /v1/chat/completions HTTP/1.1\nHost: a\nContent-Length: ${text.length}\n\n${text}`],
  ])('HC-17: refuses %s with 400', async (_name, request) => {
    const { url } = await start();
    expect(await raw(url, request, (answer) => answer.includes('\r\n\r\n'))).toContain('HTTP/1.1 400');
    expect(wall.calls).toHaveLength(0);
  });

  it.each(['openai', 'anthropic', 'gemini'])(
    'HC-19: none of the hostile headers of %s reaches the caller',
    async (name) => {
      const { url } = await start();
      for (const stream of [false, true]) {
        const answer = await chat(url, { ...question, model: `${name}/headers_bad`, stream });
        expect(answer.status).toBe(200);
        const names = [...answer.headers.keys()].sort();
        const ours = [
          'cache-control',
          'connection',
          'content-length',
          'content-type',
          'date',
          'keep-alive',
          'transfer-encoding',
          'x-accel-buffering',
          'x-gateway-attempts',
          'x-gateway-dropped-params',
          'x-provider',
          'x-request-id',
        ];
        expect(names.filter((header) => !ours.includes(header))).toEqual([]);
      }
    },
  );

  it.each(['onHead', 'onRequest'] as const)(
    'HC-23: a hook (%s) that throws, at once or later, is a 500 of ours',
    async (hook) => {
      const faults: unknown[] = [];
      const boom = new Error('secret detail of the hook');
      for (const fail of [
        () => {
          throw boom;
        },
        () => Promise.reject(boom),
      ]) {
        const { url } = await start({
          inFront: [{ name: 'broken', [hook]: fail, onFault: (thrown: unknown) => void faults.push(thrown) }],
        });
        const answer = await chat(url, question);
        expect([answer.status, codeOf(answer.text)]).toEqual([500, 'internal_error']);
        expect(answer.text).not.toContain('secret detail');
        await app?.checkInvariants();
        await app?.close();
      }
      expect(faults).toEqual([boom, boom]);
    },
  );

  it('HC-23: observers that throw change nothing, before the answer or after it', async () => {
    const fail = (): never => {
      throw new Error('an observer broke');
    };
    const faults: unknown[] = [];
    const { url } = await start({
      inFront: [
        {
          name: 'broken',
          onHead: () => pass,
          onAttempt: fail,
          onAttemptSettled: fail,
          onSettled: fail,
          onFault: (thrown) => void faults.push(thrown),
        },
      ],
    });
    for (const stream of [false, true]) expect((await chat(url, { ...question, stream })).status).toBe(200);
    await until(() => faults.length === 6);
  });
});
