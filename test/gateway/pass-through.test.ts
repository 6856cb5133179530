import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import WebSocket, { WebSocketServer } from 'ws';
import { acceptWebSockets } from '../../src/express/pass-through.ts';
import type { GatewayConfig } from '../../src/gateway/config/schema.ts';
import { createGateway, type Gateway } from '../../src/gateway/create-gateway.ts';
import type { LogEntry } from '../../src/telemetry/index.ts';
import { type ListeningServer, listen, until } from '../support/test-app.ts';

const callerKey = 'caller-key-canary-0123456789';
const providerKey = 'provider-key-canary-0123456789';

let upstream: ListeningServer;
let listening: ListeningServer;
let gateway: Gateway;
let lines: LogEntry[];

async function start(config: Partial<GatewayConfig>, environment = {}): Promise<void> {
  lines = [];
  upstream = await listen((request, response) => {
    request.resume();
    response.end(JSON.stringify({ url: request.url, key: request.headers.authorization === `Bearer ${providerKey}` }));
  });
  const sessions = new WebSocketServer({ noServer: true });
  upstream.server.on('upgrade', (request, socket, head) =>
    sessions.handleUpgrade(request, socket, head, (session) => session.on('message', (data) => session.send(data))),
  );
  gateway = createGateway(
    { providers: { openai: { apiKey: providerKey, baseUrl: `${upstream.url}/v1` } }, ...config },
    { environment, logger: { log: (line) => void lines.push(line) } },
  );
  const app = express().use('/v1', gateway);
  listening = await listen(app);
  acceptWebSockets(listening.server, app);
}

afterEach(async () => {
  await gateway?.close(0);
  await listening?.close();
  await upstream?.close();
});

const get = (path: string, key = callerKey) =>
  fetch(`${listening.url}${path}`, { headers: { authorization: `Bearer ${key}` } });

describe('A13: passThrough in a gateway', () => {
  it('is off unless it is asked for', async () => {
    await start({ keys: [{ key: callerKey }] });
    expect((await get('/v1/files')).status).toBe(404);
  });

  it('passes on under the same keys, with a line in the log, until the gateway closes', async () => {
    await start({ keys: [{ key: callerKey, id: 'ana' }], passThrough: true });
    expect(await (await get('/v1/files?limit=1')).json()).toEqual({ url: '/v1/files?limit=1', key: true });
    expect((await get('/v1/files', 'wrong-key-0123456789')).status).toBe(401);
    expect((await get('/v1/models')).status).toBe(200);
    await until(() => lines.filter(({ message }) => message === 'call').length === 3);
    expect(lines.find(({ message }) => message === 'call')).toMatchObject({
      operation: 'other',
      path: '/v1/files',
      provider: 'openai',
      model: 'pass-through:files',
      key_id: 'ana',
      http_status: 200,
    });
    await gateway.close(0);
    expect((await get('/v1/files')).status).toBe(503);
  });

  it('passes WebSockets on, and ends them when the gateway closes', async () => {
    await start({ keys: [{ key: callerKey }], passThrough: { paths: ['/realtime'] } });
    expect((await get('/v1/files')).status).toBe(404);
    const client = new WebSocket(`${listening.url.replace('http', 'ws')}/v1/realtime?model=gpt-realtime`, {
      headers: { authorization: `Bearer ${callerKey}` },
    });
    const closed = new Promise((resolve) => client.once('close', resolve));
    const echoed = new Promise((resolve) => client.once('message', (data) => resolve(String(data))));
    client.once('open', () => client.send('hello'));
    expect(await echoed).toBe('hello');
    await gateway.close(10);
    expect(await closed).toBe(1001);
    expect(lines.find(({ path }) => path === '/v1/realtime')).toMatchObject({
      model: 'gpt-realtime',
      http_status: 101,
    });
  });

  it('refuses to open the accounts of its providers to strangers', async () => {
    await expect(start({ passThrough: true })).rejects.toThrow('anonymous');
    await upstream.close();
    await start({ passThrough: { anonymous: 'allow' } });
    expect((await get('/v1/files')).status).toBe(200);
    await gateway.close(0);
    await listening.close();
    await upstream.close();
    await start({ passThrough: true }, { GATEWAY_API_KEYS: callerKey });
    expect((await get('/v1/files')).status).toBe(200);
  });

  it('names a wrong setting', async () => {
    await expect(start({ keys: [{ key: callerKey }], passThrough: { paths: ['files'] } })).rejects.toThrow('paths.0');
  });
});
