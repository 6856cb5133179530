import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { startBlackHole } from '../../src/testing/index.ts';
import { createHttpClient, type ExchangeListener, type HttpClient } from '../../src/upstream/http-client.ts';
import type { TransportFault } from '../../src/upstream/transport-fault.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { countingRuntime, until } from '../support/test-app.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

interface Upstream {
  readonly origin: string;
  readonly sockets: Set<Socket>;
}

async function upstream(handler: Handler): Promise<Upstream> {
  const server = createServer(handler);
  return listening(server, new Set());
}

async function listening(
  server: Pick<Server, 'listen' | 'address' | 'close' | 'on'>,
  sockets: Set<Socket>,
): Promise<Upstream> {
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve());
  });
  cleanUp.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

function client(
  origin: string,
  connectTimeout = 500,
): { client: HttpClient; runtime: ReturnType<typeof countingRuntime> } {
  const runtime = countingRuntime();
  const made = createHttpClient({ origin, connectTimeout, runtime });
  cleanUp.push(() => made.close());
  return { client: made, runtime };
}

interface Heard extends ExchangeListener {
  readonly log: string[];
  readonly faults: TransportFault[];
  body: string;
}

function listener(onEvent: (event: string, heard: Heard) => void = () => {}): Heard {
  const heard: Heard = {
    log: [],
    faults: [],
    body: '',
    onHead(status) {
      heard.log.push(`head ${status}`);
      onEvent('head', heard);
    },
    onData(chunk) {
      if (heard.log.at(-1) !== 'data') heard.log.push('data');
      heard.body += chunk.toString();
      onEvent('data', heard);
    },
    onEnd() {
      heard.log.push('end');
      onEvent('end', heard);
    },
    onFault(fault) {
      heard.log.push('fault');
      heard.faults.push(fault);
      onEvent('fault', heard);
    },
  };
  return heard;
}

const over = (heard: Heard): Promise<void> => until(() => heard.log.includes('end') || heard.log.includes('fault'));
const request = {
  path: '/v1/x?y=1',
  headers: ['content-type', 'application/json', 'x-own', 'a'],
  body: '{"a":"\u00fc"}',
};

/** A server below HTTP. */
async function rawUpstream(onSocket: (socket: Socket) => void): Promise<Upstream> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    onSocket(socket);
  });
  return listening(server, new Set());
}

describe('HttpClient', () => {
  it('posts path, headers and body as given, and hands over head, data and end', async () => {
    const seen: { url: string | undefined; method: string | undefined; headers: object; body: string }[] = [];
    const { origin } = await upstream((incoming, response) => {
      let body = '';
      incoming.on('data', (chunk) => {
        body += String(chunk);
      });
      incoming.on('end', () => {
        seen.push({ url: incoming.url, method: incoming.method, headers: incoming.headers, body });
        response.writeHead(201, { 'X-Answer': 'b', 'set-cookie': ['a=1', 'b=2'] });
        response.write('one,');
        setTimeout(() => response.end('two'), 10);
      });
    });
    const headers: unknown[] = [];
    const heard = listener();
    heard.onHead = (status, given) => {
      heard.log.push(`head ${status}`);
      headers.push(given);
    };
    const exchange = client(origin).client.post({ ...request, headers: [...request.headers] }, heard);
    expect(exchange.sent).toBe(false);
    await over(heard);
    expect(heard.log).toEqual(['head 201', 'data', 'end']);
    expect(heard.body).toBe('one,two');
    expect(headers).toEqual([expect.objectContaining({ 'x-answer': 'b', 'set-cookie': ['a=1', 'b=2'] })]);
    expect(exchange.sent).toBe(true);
    expect(seen).toEqual([
      {
        url: '/v1/x?y=1',
        method: 'POST',
        body: '{"a":"\u00fc"}',
        headers: {
          'content-type': 'application/json',
          'x-own': 'a',
          'content-length': String(Buffer.byteLength(request.body)),
          connection: 'keep-alive',
          host: origin.slice('http://'.length),
        },
      },
    ]);
  });

  it('uses a connection again', async () => {
    const { origin, sockets } = await upstream((_incoming, response) => void response.end('x'));
    const { client: http } = client(origin);
    for (let index = 0; index < 5; index += 1) {
      const heard = listener();
      http.post({ ...request, headers: [] }, heard);
      await over(heard);
    }
    expect(sockets.size).toBe(1);
  });

  it('makes as many connections as there are calls at once', async () => {
    const waiting: ServerResponse[] = [];
    const { origin, sockets } = await upstream((_incoming, response) => void waiting.push(response));
    const { client: http } = client(origin);
    const all = Array.from({ length: 40 }, () => {
      const heard = listener();
      http.post({ ...request, headers: [] }, heard);
      return heard;
    });
    await until(() => waiting.length === 40);
    expect(sockets.size).toBe(40);
    for (const response of waiting) response.end('x');
    await Promise.all(all.map(over));
  });

  it('ignores announcements (1xx)', async () => {
    const { origin } = await upstream((_incoming, response) => {
      response.writeEarlyHints({ link: '</a>; rel=preload' });
      response.writeProcessing();
      response.end('x');
    });
    const heard = listener();
    client(origin).client.post({ ...request, headers: [] }, heard);
    await over(heard);
    expect(heard.log).toEqual(['head 200', 'data', 'end']);
  });

  it('HC-20: does not follow a redirect', async () => {
    let calls = 0;
    const { origin } = await upstream((_incoming, response) => {
      calls += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    const heard = listener();
    client(origin).client.post({ ...request, headers: [] }, heard);
    await over(heard);
    expect([heard.log[0], calls]).toEqual(['head 307', 1]);
  });

  it.each([['nobody listens', 'ECONNREFUSED', { sent: false, answering: false }]] as const)(
    'tells when %s',
    async (_what, code, phase) => {
      const gone = await upstream(() => {});
      await cleanUp.pop()?.();
      const heard = listener();
      const { client: http, runtime } = client(gone.origin);
      http.post({ ...request, headers: [] }, heard);
      await over(heard);
      expect(heard.faults).toEqual([{ kind: 'connection', code, ...phase }]);
      expect(runtime.pendingTimers()).toBe(0);
    },
  );

  it('FO-05: gives a connection up to the millisecond it was given', async () => {
    const hole = await startBlackHole({ connections: 'unanswered' });
    cleanUp.push(() => hole.close());
    const runtime = manualRuntime();
    const http = createHttpClient({ origin: hole.url, connectTimeout: 150, runtime });
    cleanUp.push(() => http.close());
    const heard = listener();
    http.post({ ...request, headers: [] }, heard);
    await until(() => runtime.pendingTimers() === 1);
    runtime.advance(149);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.faults).toEqual([]);
    runtime.advance(1);
    await over(heard);
    expect(heard.faults).toEqual([{ kind: 'connection', code: 'CONNECT_TIMEOUT', sent: false, answering: false }]);
    expect(runtime.pendingTimers()).toBe(0);
  });

  it.each<[string, (socket: Socket) => void, Partial<TransportFault>]>([
    [
      'is reset before an answer',
      (socket) => void socket.once('data', () => socket.resetAndDestroy()),
      { kind: 'connection', sent: true, answering: false },
    ],
    [
      'is closed before an answer',
      (socket) => void socket.once('data', () => socket.end()),
      { kind: 'connection', sent: true, answering: false },
    ],
    [
      'answers with something else than HTTP',
      (socket) => void socket.once('data', () => socket.end('SSH-2.0-x\r\n')),
      { kind: 'invalid_response', sent: true, answering: false },
    ],
    [
      'breaks off in the middle of a length',
      (socket) => void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc')),
      { sent: true, answering: true },
    ],
    [
      'breaks off in the middle of chunks',
      (socket) =>
        void socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')),
      { sent: true, answering: true },
    ],
    [
      'sends a chunk size that is none',
      (socket) =>
        void socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n'),
        ),
      { kind: 'invalid_response', sent: true, answering: true },
    ],
    [
      'sends headers without end',
      (socket) => void socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`)),
      { kind: 'invalid_response', sent: true, answering: false },
    ],
    [
      'sends a bare CR in a header',
      (socket) =>
        void socket.once('data', () =>
          socket.end('HTTP/1.1 200 OK\r\nx: a\rset-cookie: b\r\ncontent-length: 0\r\n\r\n'),
        ),
      { kind: 'invalid_response', sent: true, answering: false },
    ],
  ])('hears one fault, and nothing after it, when the provider %s', async (_what, onSocket, fault) => {
    const { origin } = await rawUpstream(onSocket);
    const heard = listener();
    client(origin).client.post({ ...request, headers: [] }, heard);
    await over(heard);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard.log.filter((event) => event === 'fault' || event === 'end')).toEqual(['fault']);
    expect(heard.faults[0]).toMatchObject(fault);
  });

  it('hears a fault at once for a request that cannot be written', async () => {
    const { origin } = await upstream((_incoming, response) => void response.end());
    const heard = listener();
    client(origin).client.post({ path: '/a b\r\n', headers: [], body: '' }, heard);
    expect(heard.faults).toMatchObject([{ sent: false, answering: false }]);
  });

  it('stops the provider while paused, and gets everything in order afterwards', async () => {
    const block = 'x'.repeat(64 * 1024);
    const total = 400;
    let written = 0;
    const { origin } = await upstream((incoming, response) => {
      incoming.resume();
      const send = (): void => {
        while (written < total) {
          written += 1;
          if (!response.write(block)) {
            response.once('drain', send);
            return;
          }
        }
        response.end();
      };
      send();
    });
    const heard = listener((event) => {
      if (event === 'head') exchange.pause();
    });
    const exchange = client(origin).client.post({ ...request, headers: [] }, heard);
    await until(() => written > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(heard.body.length).toBeLessThan(256 * 1024);
    expect(written).toBeLessThan(total);
    exchange.resume();
    await over(heard);
    expect(heard.body.length).toBe(block.length * total);
    expect(heard.log).toEqual(['head 200', 'data', 'end']);
  });

  it.each([
    ['before the head', 'sent'],
    ['in the head', 'head'],
    ['in the data', 'data'],
  ])('closes the connection when aborted %s, and says nothing more', async (_when, at) => {
    const { origin, sockets } = await upstream((incoming, response) => {
      incoming.resume();
      if (at === 'sent') return;
      response.writeHead(200);
      response.write('a');
      const timer = setInterval(() => response.write('b'), 5);
      response.once('close', () => clearInterval(timer));
    });
    const heard = listener((event) => {
      if (event === at) exchange.abort();
    });
    const exchange = client(origin).client.post({ ...request, headers: [] }, heard);
    await until(
      () => exchange.sent && (at === 'sent' ? sockets.size === 1 : heard.log.includes(at === 'head' ? 'head 200' : at)),
    );
    if (at === 'sent') exchange.abort();
    await until(() => sockets.size === 0);
    const before = [...heard.log];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(heard.log).toEqual(before);
    expect(heard.log).not.toContain('fault');
    exchange.abort();
    exchange.pause();
    exchange.resume();
  });

  it('sends nothing when aborted before the connection stands', async () => {
    let calls = 0;
    const { origin } = await upstream((_incoming, response) => {
      calls += 1;
      response.end();
    });
    const { client: http } = client(origin);
    const heard = listener();
    const exchange = http.post({ ...request, headers: [] }, heard);
    exchange.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect([calls, heard.log, exchange.sent]).toEqual([0, [], false]);
    const next = listener();
    http.post({ ...request, headers: [] }, next);
    await over(next);
    expect([calls, next.log]).toEqual([1, ['head 200', 'end']]);
  });

  it('ends what is under way when it is closed', async () => {
    const { origin, sockets } = await upstream(() => {});
    const { client: http } = client(origin);
    const heard = listener();
    http.post({ ...request, headers: [] }, heard);
    await until(() => sockets.size === 1);
    await http.close();
    await over(heard);
    expect(heard.log).toEqual(['fault']);
    await until(() => sockets.size === 0);
  });

  it('survives a listener that throws: the connection is given up and the fault reported', async () => {
    const { origin, sockets } = await upstream((incoming, response) => {
      incoming.resume();
      response.write('x');
    });
    const heard = listener((event) => {
      if (event === 'data') throw new RangeError('a bug');
    });
    client(origin).client.post({ ...request, headers: [] }, heard);
    await over(heard);
    expect(heard.log.at(-1)).toBe('fault');
    await until(() => sockets.size === 0);
  });

  it('probes with a GET and reads little of a large answer', async () => {
    const seen: (string | undefined)[] = [];
    const { origin } = await upstream((incoming, response) => {
      seen.push(`${incoming.method} ${incoming.url}`);
      response.writeHead(401).end('x'.repeat(1000));
    });
    expect(await client(origin).client.probe({ path: '/v1/models', headers: [] }, 500)).toBe(401);
    expect(seen).toEqual(['GET /v1/models']);
  });

  it('gives a probe up in time', async () => {
    const { origin } = await upstream(() => {});
    await expect(client(origin).client.probe({ path: '/', headers: [] }, 100)).rejects.toThrow();
  });
});
