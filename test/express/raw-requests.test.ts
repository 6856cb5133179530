import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { hardenServer } from '../../src/express/harden-server.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayApp, startGatewayApp, until, wallProviders } from '../support/test-app.ts';
import { connectTo, parseResponse, rawRequest, requestText } from './support/raw-client.ts';

const path = '/v1/chat/completions';
const body = JSON.stringify({ model: 'openai/demo-small', messages: [{ role: 'user', content: 'hi' }] });
const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;

let wall: FakeProvider;
let app: GatewayApp;

beforeAll(async () => {
  wall = await startFakeProvider();
  app = await startGatewayApp({ providers: wallProviders(wall), walls: [wall] });
});
afterAll(async () => {
  await app.close();
  await wall.close();
});
afterEach(async () => {
  await app.checkInvariants();
  wall.reset();
});

/** A request with these header lines to the letter. */
function head(lines: readonly string[], rest = '', end = '\r\n'): string {
  return [`POST ${path} HTTP/1.1`, ...lines, '', rest].join(end);
}

const length = `Content-Length: ${body.length}`;
/** Nothing comes after this request, so the server closes when it has answered. */
const last = { connection: 'close' };
const inChunks = ['Host: a', 'Connection: close'];

const ambiguous: readonly (readonly [string, string])[] = [
  ['Content-Length and Transfer-Encoding', head(['Host: a', length, 'Transfer-Encoding: chunked'], chunked)],
  ['Transfer-Encoding and Content-Length', head(['Host: a', 'Transfer-Encoding: chunked', length], chunked)],
  ['two different Content-Lengths', head(['Host: a', length, 'Content-Length: 1'], body)],
  ['two equal Content-Lengths', head(['Host: a', length, length], body)],
  ['a Content-Length with a sign', head(['Host: a', `Content-Length: +${body.length}`], body)],
  ['a Content-Length in hex', head(['Host: a', 'Content-Length: 0x10'], body)],
  ['a list of Content-Lengths', head(['Host: a', `Content-Length: ${body.length}, ${body.length}`], body)],
  ['Transfer-Encoding: xchunked', head(['Host: a', 'Transfer-Encoding: xchunked'], chunked)],
  ['Transfer-Encoding: chunked, identity', head(['Host: a', 'Transfer-Encoding: chunked, identity'], chunked)],
  ['Transfer-Encoding: gzip, chunked', head(['Host: a', 'Transfer-Encoding: gzip, chunked'], chunked)],
  ['Transfer-Encoding twice', head(['Host: a', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], chunked)],
  ['Transfer-Encoding with a vertical tab', head(['Host: a', 'Transfer-Encoding: \u000bchunked'], chunked)],
  ['line feeds alone', head(['Host: a', length], body, '\n')],
  ['two Host headers', head(['Host: a', 'Host: b', length], body)],
  ['two equal Host headers', head(['Host: a', 'host: a', length], body)],
  ['a space before the colon', head(['Host: a', `Content-Length : ${body.length}`], body)],
  ['a folded header', head(['Host: a', 'X-Long: a', ' b', length], body)],
  ['a header without a name', head(['Host: a', ': x', length], body)],
  ['a header line without a colon', head(['Host: a', 'nonsense', length], body)],
  ['a NUL in a header', head(['Host: a', 'X: a\u0000b', length], body)],
  ['a bare CR in a header', head(['Host: a', 'X: a\rb', length], body)],
  ['a chunk size that is no number', head(['Host: a', 'Transfer-Encoding: chunked'], `zz\r\n${body}\r\n0\r\n\r\n`)],
  ['a chunk size that overflows', head(['Host: a', 'Transfer-Encoding: chunked'], `ffffffffffffffffff\r\n${body}`)],
  ['a chunk longer than its size', head(['Host: a', 'Transfer-Encoding: chunked'], `1\r\n${body}\r\n0\r\n\r\n`)],
  ['an unknown HTTP version', `POST ${path} HTTP/3.0\r\nHost: a\r\n${length}\r\n\r\n${body}`],
  ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'],
  ['a method with a space', `PO ST ${path} HTTP/1.1\r\nHost: a\r\n\r\n`],
  ['a method nobody knows', `FROB ${path} HTTP/1.1\r\nHost: a\r\n\r\n`],
];

describe('raw requests', () => {
  it.each(ambiguous)('HC-17: %s: 400 with an error body, and the connection closed', async (_what, bytes) => {
    // A second request behind it must never be answered.
    const answer = await rawRequest(app.url, `${bytes}${requestText(path, body).toString('latin1')}`);
    const { status, headers, body: sent } = parseResponse(answer.bytes);
    expect([status, answer.ending]).toEqual([400, 'closed']);
    expect(headers).toMatchObject({ connection: 'close', 'content-type': expect.stringContaining('application/json') });
    expect(JSON.parse(sent.toString())).toMatchObject({
      error: { type: 'invalid_request_error', code: 'invalid_headers' },
    });
    expect(answer.bytes.toString('latin1').match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(wall.calls).toHaveLength(0);
  });

  it('a refused request is a call like any other to who watches calls', async () => {
    const before = app.witness.settlements.length;
    await rawRequest(app.url, head(['Host: a', 'Host: b', length], body));
    await until(() => app.witness.settlements.length === before + 1);
    expect(app.witness.settlements.at(-1)).toMatchObject({
      status: 'rejected',
      httpStatus: 400,
      error: { code: 'invalid_headers' },
    });
  });

  it('HC-17: no Host header: 400 and the connection closed, by Node itself', async () => {
    const { bytes, ending } = await rawRequest(app.url, head([length], body));
    expect([parseResponse(bytes).status, ending]).toEqual([400, 'closed']);
  });

  it.each([
    ['a length', requestText(path, body, { headers: last })],
    ['chunks', head([...inChunks, 'Transfer-Encoding: chunked'], chunked)],
    [
      'chunks with an extension',
      head([...inChunks, 'Transfer-Encoding: Chunked'], chunked.replace('\r\n', ';x=1\r\n')),
    ],
    [
      'a trailer',
      head(
        [...inChunks, 'Transfer-Encoding: chunked', 'Trailer: X'],
        chunked.replace('0\r\n\r\n', '0\r\nX: 1\r\n\r\n'),
      ),
    ],
    ['an absolute address', requestText(`http://elsewhere.example${path}`, body, { headers: last })],
    ['Expect: 100-continue', requestText(path, body, { headers: { ...last, expect: '100-continue' } })],
    [
      'an upgrade it does not ask for in earnest',
      requestText(path, body, { headers: { connection: 'upgrade, close', upgrade: 'h2c' } }),
    ],
  ])('serves a request with %s', async (_how, bytes) => {
    const { bytes: sent, ending } = await rawRequest(app.url, bytes);
    expect(sent.toString('latin1')).toContain('HTTP/1.1 200 OK');
    expect(ending).toBe('closed');
    expect(wall.calls).toHaveLength(1);
  });

  it('answers pipelined requests in order', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `pipelined-${index}`);
    const bytes = Buffer.concat(
      ids.map((id, index) => {
        const headers = { 'x-request-id': id, ...(index === ids.length - 1 && last) };
        return requestText(path, index % 2 === 0 ? body : '{', { headers });
      }),
    );
    const { bytes: sent } = await rawRequest(app.url, bytes);
    const text = sent.toString('latin1');
    expect([...text.matchAll(/x-request-id: (.*)\r\n/gi)].map((match) => match[1])).toEqual(ids);
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(
      ids.map((_, index) => (index % 2 === 0 ? '200' : '400')),
    );
  });

  it('answers an expectation nobody can meet with an error body', async () => {
    const request = requestText(path, body, { headers: { ...last, expect: 'the-impossible' } });
    const { bytes } = await rawRequest(app.url, request);
    const { status, body: sent } = parseResponse(bytes);
    expect([status, JSON.parse(sent.toString()).error.code]).toEqual([417, 'invalid_headers']);
  });

  it('answers headers beyond all measure with 431 and an error body', async () => {
    const { bytes, ending } = await rawRequest(
      app.url,
      requestText(path, body, { headers: { 'x-large': 'x'.repeat(32_000) } }),
    );
    const { status, body: sent } = parseResponse(bytes);
    expect([status, ending, JSON.parse(sent.toString()).error.code]).toEqual([431, 'closed', 'invalid_headers']);
  });

  it('does not write an error into an answer that has begun', async () => {
    const { url } = app;
    const socket = connectTo(url);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.write(requestText(path, JSON.stringify({ ...JSON.parse(body), model: 'openai/stall(3)', stream: true })));
    await until(() => Buffer.concat(chunks).includes('"content"'));
    socket.write('no HTTP at all\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(
      Buffer.concat(chunks)
        .toString('latin1')
        .match(/HTTP\/1\.1 /g),
    ).toHaveLength(1);
    await until(() => app.witness.settlements.length === app.witness.calls.length);
  });
});

describe('hardenServer', () => {
  it('HC-11: closes clients that take too long over their headers or body, and serves the others', async () => {
    const server = hardenServer(
      createServer((request, response) => {
        request.resume();
        request.once('end', () => response.end('served'));
      }),
      { headersTimeout: 400, requestTimeout: 800 },
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const slow = Array.from({ length: 100 }, (_, index) => {
      const socket = connectTo(url);
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      const text =
        index % 2 === 0
          ? 'POST / HTTP/1.1\r\nHost: x\r\nX-Slow: '
          : 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n';
      socket.write(text);
      const trickle = setInterval(() => socket.write('x'), 100);
      return new Promise<Buffer>((resolve) => {
        socket.once('close', () => {
          clearInterval(trickle);
          resolve(Buffer.concat(chunks));
        });
      });
    });
    const served = setInterval(
      () => void fetch(url, { method: 'POST', body: 'x' }).then((response) => response.text()),
      200,
    );
    const answers = await Promise.all(slow);
    clearInterval(served);
    for (const answer of answers) {
      const { status, body: sent } = parseResponse(answer);
      expect([status, JSON.parse(sent.toString()).error.type]).toEqual([408, 'invalid_request_error']);
    }
    expect(await (await fetch(url, { method: 'POST', body: 'x' })).text()).toBe('served');
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('sets its limits on the server, and the others to what suits a gateway', () => {
    const server = hardenServer(createServer(), { requestTimeout: 5_000 });
    expect(server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 5_000,
      keepAliveTimeout: 65_000,
      maxHeadersCount: 100,
    });
  });

  it.each([
    [{ headersTimout: 1 }, 'hardenServer(): unknown option "headersTimout" (did you mean "headersTimeout"?)'],
    [{ requestTimeout: '5s' }, 'hardenServer(): "requestTimeout" must be a whole number of milliseconds'],
    [{ keepAliveTimeout: 0 }, 'hardenServer(): "keepAliveTimeout" must be 1 or more'],
  ])('refuses %j and names the fix', (options, message) => {
    expect(() => hardenServer(createServer(), options as object)).toThrow(message);
  });

  it('refuses to be called too late', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    expect(() => hardenServer(server)).toThrow(/before `server.listen\(\)`/);
    await new Promise((resolve) => server.close(resolve));
  });

  it('leaves malformed requests to the app where it has a handler of its own for them', async () => {
    const seen: string[] = [];
    const server = createServer();
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      seen.push(String(error.code));
      socket.destroy();
    });
    hardenServer(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await rawRequest(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, 'nonsense\r\n\r\n');
    expect(seen).toEqual(['HPE_INVALID_METHOD']);
    await new Promise((resolve) => server.close(resolve));
  });
});
