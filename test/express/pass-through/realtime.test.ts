import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import WebSocket, { WebSocketServer } from 'ws';
import type { PassThroughOptions } from '../../../src/pass-through/index.ts';
import { until } from '../../support/test-app.ts';
import {
  callerKey,
  limitedKey,
  type PassThroughApp,
  providerKey,
  type Received,
  send,
  startPassThroughApp,
} from './support.ts';

interface Realtime {
  readonly url: string;
  readonly received: Received[];
  readonly sockets: Set<Socket>;
  readonly server: Server;
}

let realtime: Realtime | undefined;
let app: PassThroughApp | undefined;
const clients: WebSocket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await app?.close();
  for (const socket of realtime?.sockets ?? []) socket.destroy();
  await new Promise((resolve) => (realtime === undefined ? resolve(undefined) : realtime.server.close(resolve)));
  realtime = undefined;
  app = undefined;
});

async function start(
  serve: (socket: WebSocket) => void,
  options: Partial<PassThroughOptions> & { readonly refuse?: string; readonly silent?: boolean } = {},
): Promise<{ readonly app: PassThroughApp; readonly realtime: Realtime }> {
  const { refuse, silent, ...rest } = options;
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  const sessions = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    const { method = '', url = '', headers, rawHeaders } = request;
    received.push({ method, url, headers, rawHeaders });
    if (silent === true) socket.resume().on('end', () => socket.destroy());
    else if (refuse !== undefined) socket.end(refuse);
    else sessions.handleUpgrade(request, socket, head, serve);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const started = await startPassThroughApp({
    providers: {
      openai: { apiKey: providerKey, baseUrl: `${url}/v1`, timeouts: { firstToken: '300ms' } },
      anthropic: { apiKey: 'anthropic-key-0123456789' },
    },
    ...rest,
  });
  realtime = { url, received, sockets, server };
  app = started;
  return { app: started, realtime };
}

interface Connected {
  readonly client: WebSocket;
  readonly messages: { data: Buffer; binary: boolean }[];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly refused: Promise<{ status: number; text: string }>;
  readonly opened: Promise<void>;
}

function connect(
  path: string,
  init: { readonly protocols?: string[]; readonly headers?: Record<string, string> } = {},
): Connected {
  const { protocols = [], headers = { authorization: `Bearer ${callerKey}` } } = init;
  const client = new WebSocket(`ws://127.0.0.1:${app?.port}${path}`, protocols, { headers });
  clients.push(client);
  const messages: { data: Buffer; binary: boolean }[] = [];
  client.on('message', (data, binary) => messages.push({ data: data as Buffer, binary }));
  client.on('error', () => {});
  return {
    client,
    messages,
    opened: new Promise((resolve) => client.once('open', () => resolve())),
    closed: new Promise((resolve) =>
      client.once('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    ),
    refused: new Promise((resolve) =>
      client.once('unexpected-response', (_request, response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += String(chunk);
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      }),
    ),
  };
}

const echo = (socket: WebSocket): void => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
};

describe('passThrough over WebSocket', () => {
  it("opens a session under the provider's key and lets frames and the close code through, both ways", async () => {
    const { app, realtime } = await start(echo);
    const { client, messages, opened, closed } = connect('/v1/realtime?model=openai/gpt-realtime');
    await opened;
    const large = Buffer.alloc(300_000, 5);
    client.send('hello');
    client.send(large);
    await until(() => messages.length === 2);
    expect(messages[0]).toEqual({ data: Buffer.from('hello'), binary: false });
    expect(messages[1]?.binary).toBe(true);
    expect(messages[1]?.data.equals(large)).toBe(true);
    client.close(4001, 'done');
    expect((await closed).code).toBe(4001);
    const [got] = realtime.received;
    expect(got?.url).toBe('/v1/realtime?model=gpt-realtime');
    expect(got?.headers.authorization).toBe(`Bearer ${providerKey}`);
    expect(JSON.stringify(got)).not.toContain(callerKey);
    await app.checkInvariants();
    expect(app.witness.settlements).toMatchObject([
      {
        status: 'ok',
        httpStatus: 101,
        provider: 'openai',
        model: 'gpt-realtime',
        attempts: [{ status: 'ok', httpStatus: 101 }],
      },
    ]);
    await until(() => realtime.sockets.size === 0);
  });

  it('takes the key from the subprotocols and sends none of them on', async () => {
    const { app, realtime } = await start(echo);
    const { client, opened } = connect('/v1/realtime?model=gpt-realtime', {
      protocols: [
        'realtime',
        `openai-insecure-api-key.${callerKey}`,
        'openai-organization.org-canary',
        'openai-beta.realtime-v1',
      ],
      headers: {},
    });
    await opened;
    expect(client.protocol).toBe('realtime');
    expect(realtime.received[0]?.headers['sec-websocket-protocol']).toBe('realtime, openai-beta.realtime-v1');
    expect(JSON.stringify(realtime.received)).not.toMatch(/caller-key|org-canary/);
    client.close();
    await app.checkInvariants();
    expect(app.witness.calls[0]?.caller.keyId).toBe('ana');
  });

  it.each([
    ['without a key', '/v1/realtime?model=gpt-realtime', {}, 401, 'missing_api_key'],
    [
      'with a wrong key',
      '/v1/realtime?model=gpt-realtime',
      { authorization: 'Bearer wrong-0123456789abc' },
      401,
      'invalid_api_key',
    ],
    ['for a model nobody has', '/v1/realtime?model=nothing', undefined, 404, 'model_not_found'],
    [
      'for a model the key may not use',
      '/v1/realtime?model=o3',
      { authorization: `Bearer ${limitedKey}` },
      403,
      'model_not_allowed',
    ],
    ['with a path that climbs', '/v1/realtime/%2fadmin', undefined, 400, 'invalid_request'],
  ])('refuses a session %s', async (_what, path, headers, status, code) => {
    const { app, realtime } = await start(echo);
    const refused = await connect(path, headers === undefined ? {} : { headers: headers as Record<string, string> })
      .refused;
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([status, code]);
    expect(realtime.received).toEqual([]);
    await app.checkInvariants();
  });

  it('looks at the rights of the one model that it passes on', async () => {
    const { app, realtime } = await start(echo);
    const { opened } = connect('/v1/realtime?model=gpt-realtime&model=o3', {
      headers: { authorization: `Bearer ${limitedKey}` },
    });
    await opened;
    expect(realtime.received[0]?.url).toBe('/v1/realtime?model=gpt-realtime');
    clients[0]?.close();
    await app.checkInvariants();
  });

  it('refuses two keys that differ', async () => {
    const { realtime } = await start(echo);
    const { refused } = connect('/v1/realtime?model=gpt-realtime', {
      protocols: [`openai-insecure-api-key.${limitedKey}`],
    });
    expect(JSON.parse((await refused).text).error.code).toBe('ambiguous_credentials');
    expect(realtime.received).toEqual([]);
  });

  it.each([
    [
      401,
      `HTTP/1.1 401 Unauthorized\r\ncontent-length: 60\r\nset-cookie: a=1\r\n\r\n{"error":{"message":"bad ${providerKey} key"}}`.padEnd(
        60,
      ),
      502,
      'upstream_auth_failed',
    ],
    [302, 'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n', 502, 'upstream_redirect'],
    [200, 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok', 502, 'upstream_invalid_response'],
    [0, 'nonsense\r\n\r\n', 502, 'upstream_invalid_response'],
  ])('answers with its own error when the provider answers %i', async (_status, refuse, status, code) => {
    const { app } = await start(echo, { refuse });
    const refused = await connect('/v1/realtime?model=gpt-realtime').refused;
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([status, code]);
    expect(refused.text).not.toContain('canary');
    await app.checkInvariants();
  });

  it('gives up on a provider that does not answer the handshake', async () => {
    const { app, realtime } = await start(echo, { silent: true });
    const refused = await connect('/v1/realtime?model=gpt-realtime').refused;
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([504, 'upstream_timeout']);
    await app.checkInvariants();
    await until(() => realtime.sockets.size === 0);
  });

  it('ends a silent session, and one that lasts too long, and says why', async () => {
    const first = await start(echo, { realtime: { idle: '200ms' } });
    const silent = connect('/v1/realtime?model=gpt-realtime');
    expect(await silent.closed).toEqual({ code: 1011, reason: 'idle timeout' });
    await first.app.checkInvariants();
    expect(first.app.witness.settlements).toMatchObject([{ status: 'timeout', httpStatus: 101 }]);
    await until(() => first.realtime.sockets.size === 0);
  });

  it('ends a session that lasts too long, however busy', async () => {
    const { app, realtime } = await start(
      (socket) => {
        const timer = setInterval(() => socket.send('tick'), 10);
        socket.once('close', () => clearInterval(timer));
      },
      { realtime: { total: '300ms' } },
    );
    expect((await connect('/v1/realtime?model=gpt-realtime').closed).code).toBe(1001);
    await app.checkInvariants();
    await until(() => realtime.sockets.size === 0);
  });

  it('closes the provider when the caller vanishes, and the caller when the provider does', async () => {
    const { app, realtime } = await start((socket) => {
      socket.on('message', () => socket.terminate());
    });
    const first = connect('/v1/realtime?model=gpt-realtime');
    await first.opened;
    first.client.terminate();
    await until(() => realtime.sockets.size === 0);
    const second = connect('/v1/realtime?model=gpt-realtime');
    await second.opened;
    second.client.send('die');
    expect((await second.closed).code).toBe(1006);
    await app.checkInvariants();
    expect(app.witness.settlements.map(({ status }) => status)).toEqual(['client_abort', 'upstream_truncated']);
  });

  it('stops at the handshake when the caller goes', async () => {
    const { app, realtime } = await start(echo, { silent: true });
    const { client } = connect('/v1/realtime?model=gpt-realtime');
    await until(() => realtime.received.length === 1);
    client.terminate();
    await until(() => realtime.sockets.size === 0);
    await app.checkInvariants();
    expect(app.witness.settlements).toMatchObject([{ status: 'client_abort' }]);
  });

  it('LC-01 closes sessions when the gateway shuts down', async () => {
    const { app, realtime } = await start(echo);
    const { opened, closed } = connect('/v1/realtime?model=gpt-realtime');
    await opened;
    app.witness.calls[0]?.cancellation.cancel('shutting_down');
    expect(await closed).toEqual({ code: 1001, reason: 'shutting down' });
    await app.checkInvariants();
    await until(() => realtime.sockets.size === 0);
  });

  it('leaves upgrades of other paths to the app, whose answer they get', async () => {
    const { realtime } = await start(echo);
    expect(await connect('/v1/chat/completions').refused).toEqual({ status: 418, text: 'app' });
    expect((await connect('/nowhere').refused).status).toBe(404);
    expect(realtime.received).toEqual([]);
  });

  it('passes no handshake on that lacks its key', async () => {
    const { app, realtime } = await start(echo);
    const answer = await send({
      port: app.port,
      path: '/v1/realtime?model=gpt-realtime',
      headers: { connection: 'upgrade', upgrade: 'websocket' },
    });
    expect(answer.status).toBe(400);
    expect(realtime.received).toEqual([]);
  });
});
