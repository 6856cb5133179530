import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, constants as zlib, zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { ample } from '../support/ample.ts';
import { chat, type GatewayApp, startGatewayApp, until, wallProviders } from '../support/test-app.ts';
import { connectTo, parseResponse } from './support/raw-client.ts';

const limit = 256 * 1024;
const json = { 'content-type': 'application/json' };
const question = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'say: hi' }] };

let wall: FakeProvider;
let app: GatewayApp;
let serverSockets: Socket[];

beforeAll(async () => {
  wall = await startFakeProvider();
  app = await startGatewayApp({ providers: wallProviders(wall), walls: [wall], bodyLimit: limit });
  app.server.on('connection', (socket: Socket) => serverSockets.push(socket));
});
beforeEachTest();
afterAll(async () => {
  await app.close();
  await wall.close();
});

function beforeEachTest(): void {
  serverSockets = [];
  afterEach(async () => {
    await app.checkInvariants();
    serverSockets = [];
    wall.reset();
  });
}

/** Sends a head and then blocks until the server ends the connection; never stops by itself before. */
async function flood(head: string, block: Buffer): Promise<{ answer: Buffer; read: number }> {
  const socket = connectTo(app.url);
  const chunks: Buffer[] = [];
  let over = false;
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.once('close', () => {
    over = true;
  });
  socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${head}\r\n\r\n`);
  for (let sent = 0; sent < 64 * 1024 * 1024 && !over; sent += block.length) {
    if (!socket.write(block)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
  }
  await until(() => over);
  await until(() => serverSockets.every((one) => one.destroyed));
  const read = serverSockets.reduce((most, one) => Math.max(most, one.bytesRead), 0);
  return { answer: Buffer.concat(chunks), read };
}

const block = Buffer.alloc(64 * 1024, ' ');
const chunkOf = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

describe('the limit of the request body', () => {
  it.each([
    ['with Content-Length', 'content-length: 67108864', block],
    ['without Content-Length', 'transfer-encoding: chunked', chunkOf(block)],
  ])('HC-02: answers 413 to a larger body %s, reads little of it and closes', async (_how, head, piece) => {
    const { answer, read } = await flood(head, piece);
    const { status, headers, body } = parseResponse(answer);
    expect([status, headers.connection]).toEqual([413, 'close']);
    expect(JSON.parse(body.toString())).toMatchObject({
      error: { code: 'request_too_large', type: 'invalid_request_error' },
    });
    // What was on its way, of 64 MB.
    expect(read).toBeLessThanOrEqual(limit + 1024 * 1024);
    expect(wall.calls).toHaveLength(0);
  });

  it.each([
    [
      'fetch',
      async (bytes: Buffer) =>
        (await fetch(`${app.url}/v1/chat/completions`, { method: 'POST', headers: json, body: bytes })).status,
    ],
    [
      'node:http',
      async (bytes: Buffer) => {
        const request = httpRequest(`${app.url}/v1/chat/completions`, { method: 'POST', headers: json });
        request.on('error', () => {});
        request.end(bytes);
        const [response] = await once(request, 'response');
        response.resume();
        return response.statusCode;
      },
    ],
  ])('HC-02: the answer reaches a client that sends everything before it listens (%s)', async (_client, send) => {
    for (let index = 0; index < 10; index += 1) {
      expect(await send(Buffer.alloc(4 * 1024 * 1024, ' '))).toBe(413);
    }
  });

  it('takes a body up to the limit, to the byte', async () => {
    const padded = (size: number): string => {
      const body = JSON.stringify(question);
      return body.slice(0, -1) + ' '.repeat(size - body.length) + body.slice(-1);
    };
    expect((await chat(app.url, padded(limit))).status).toBe(200);
    expect((await chat(app.url, padded(limit + 1))).status).toBe(413);
  });
});

const hundredMegabytes = Buffer.concat([
  Buffer.from('{"model":"'),
  Buffer.alloc(100 * 1024 * 1024, 'x'),
  Buffer.from('"}'),
]);
const fast = { params: { [zlib.BROTLI_PARAM_QUALITY]: 1 } };

const compressors = [
  ['gzip', (bytes: Buffer) => gzipSync(bytes)],
  ['br', (bytes: Buffer) => brotliCompressSync(bytes, fast)],
  ['zstd', (bytes: Buffer) => zstdCompressSync(bytes)],
  ['deflate', (bytes: Buffer) => deflateSync(bytes)],
] as const;

describe('compressed request bodies', () => {
  it.each(compressors)(
    'HC-03: a %s bomb of 100 MB is answered 413 at once, without being inflated',
    async (encoding, compress) => {
      const bomb = compress(hundredMegabytes);
      expect(bomb.length).toBeLessThan(110 * 1024);
      const headers = { ...json, 'content-encoding': encoding };
      await chat(app.url, bomb, { headers });
      const before = process.memoryUsage();
      const startedAt = performance.now();
      const answer = await chat(app.url, bomb, { headers });
      const milliseconds = performance.now() - startedAt;
      const after = process.memoryUsage();
      expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([413, 'request_too_large']);
      expect(milliseconds).toBeLessThan(ample);
      expect(after.rss - before.rss).toBeLessThan(32 * 1024 * 1024);
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(32 * 1024 * 1024);
    },
  );

  it('HC-03: a bomb below the limit of the body is answered 413 as well', async () => {
    const roomy = await startGatewayApp({ providers: wallProviders(wall), walls: [wall] });
    const headers = { ...json, 'content-encoding': 'gzip' };
    const bomb = gzipSync(
      Buffer.concat([Buffer.from('{"model":"'), Buffer.alloc(30 * 1024 * 1024, 'x'), Buffer.from('"}')]),
    );
    await chat(roomy.url, bomb, { headers });
    const before = process.memoryUsage();
    const answer = await chat(roomy.url, bomb, { headers });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([413, 'request_too_large']);
    expect(process.memoryUsage().rss - before.rss).toBeLessThan(32 * 1024 * 1024);
    await roomy.checkInvariants();
    await roomy.close();
  });

  it.each(compressors)('takes a body compressed with %s, small or large', async (encoding, compress) => {
    for (const size of [10, 1_000, 200_000]) {
      // Text that does not compress away, so that inflating takes more than one turn.
      const content = `say: ${Array.from({ length: size / 5 }, (_, index) => ((index * 7919) % 46_656).toString(36)).join(' ')}`;
      const body = compress(Buffer.from(JSON.stringify({ ...question, messages: [{ role: 'user', content }] })));
      const answer = await chat(app.url, body, { headers: { ...json, 'content-encoding': encoding } });
      expect([answer.status, JSON.parse(answer.text).choices[0].message.content]).toEqual([200, content.slice(5)]);
    }
  });

  it.each(compressors)('answers 400 to %s that is damaged or cut off', async (encoding, compress) => {
    const whole = compress(Buffer.from(JSON.stringify(question)));
    const damaged = Buffer.from(whole);
    damaged.fill(0xff, 0, 12);
    for (const body of [damaged, whole.subarray(0, whole.length - 8), Buffer.from('{}')]) {
      const answer = await chat(app.url, body, { headers: { ...json, 'content-encoding': encoding } });
      expect([answer.status, JSON.parse(answer.text).error.type]).toEqual([400, 'invalid_request_error']);
    }
  });
});
