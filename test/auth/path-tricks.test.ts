import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayServer, startGateway, wallConfig } from '../gateway/support/gateway-app.ts';

const adminKey = 'admin-key-0123456789abcdef';
const teamKey = 'sk-team-key-0123456789';
let wall: FakeProvider;
let server: GatewayServer;

beforeAll(async () => {
  wall = await startFakeProvider();
  const config = { ...wallConfig(wall), keys: [{ key: teamKey }], admin: { key: adminKey } };
  server = await startGateway({ config, path: '/v1' });
});
afterAll(async () => {
  await server.close();
  await wall.close();
});

/** The status and the body of a request whose target and `Host` go out as they are written here. */
function send(method: string, target: string, { host = 'gateway', key = '' } = {}): Promise<[number, string]> {
  const body =
    method === 'POST' ? '{"model":"openai/demo-small","messages":[{"role":"user","content":"say: hi"}]}' : '';
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(key === '' ? [] : [`Authorization: Bearer ${key}`]),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.once('error', reject);
    socket.once('close', () => resolve([Number(text.split(' ', 2)[1]), text.slice(text.indexOf('\r\n\r\n') + 4)]));
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

const paths = [
  '/v1/chat/completions',
  '/v1//chat/completions',
  '//v1/chat/completions',
  '//v1//..//admin/keys',
  '/v1/../admin/keys',
  '/v1/./admin/keys',
  '/v1/admin/../admin/keys',
  '/v1/health/../admin/keys',
  '/v1/health/..%2fadmin/keys',
  '/v1/health%2f..%2fadmin%2fkeys',
  '/v1/%2e%2e/admin/keys',
  '/v1/%2e/chat/completions',
  '/v1/%61dmin/keys',
  '/v1/admin%2fkeys',
  '/v1/admin%252fkeys',
  '/v1/admin/keys/',
  '/v1/admin/keys//',
  '/v1/admin/keys.',
  '/v1/admin/keys/.',
  '/v1/admin/keys;x=1',
  '/v1/admin;x=1/keys',
  '/v1/admin/keys%00',
  '/v1/admin/keys%20',
  '/v1/admin/keys?x=/health',
  '/v1/admin/keys?/health',
  '/v1/admin/keys/health',
  '/v1/admin/health',
  '/v1/ADMIN/keys',
  '/V1/admin/keys',
  '/v1/v1/admin/keys',
  '/v1/admin',
  '/v1/admin/',
  '/v1/admin/audit',
  '/v1/admin\\keys',
  '/v1\\admin\\keys',
  '/v1/chat/completions/',
  '/v1/chat/completions/../../health',
  '/v1/chat/completions;/health',
  '/v1/chat/completions%3f/health',
  '/v1/chat/completions?/health',
  '/v1/chat%2fcompletions',
  '/v1/CHAT/completions',
  '/v1/chat/completions.',
  '/v1/openai/deployments/../../admin/keys/chat/completions',
  '/v1/openai/deployments/x/../health/chat/completions',
  '/v1/models',
  '/v1/models/../health',
  '/v1/models/health',
  '/v1/models/..;/health',
  '/v1/model/x/converse',
  '/v1/model/%2e%2e/converse',
  '/v1/models/x:generateContent',
  '/v1/models/health:generateContent',
  '/v1/messages',
  '/v1/messages/health',
  '/v1/usage',
  '/v1/usage/health',
  '/v1/usage?x=health',
  '/v1/api/tags',
  '/v1/v2/chat',
  'http://gateway/v1/admin/keys',
  'http://gateway/v1/chat/completions',
  'http://health/v1/admin/keys',
  'http://gateway/v1/health/../admin/keys',
];
const hosts = ['x/health?', 'health', 'x/v1/health#', '127.0.0.1', 'localhost@gateway', 'gateway.'];
const tricks = [
  ...paths.map((target) => ({ target, host: 'gateway' })),
  ...hosts.map((host) => ({ target: '/v1/admin/keys', host })),
  ...hosts.map((host) => ({ target: '/v1/chat/completions', host })),
];

describe('AU-17: a path or host that is written oddly', () => {
  it('is tried in at least 60 ways', () => expect(tricks.length).toBeGreaterThanOrEqual(60));

  it.each(tricks)(
    '$target on $host: nothing without a key, no admin route with a caller\u2019s',
    async ({ target, host }) => {
      wall.reset();
      for (const method of ['GET', 'POST']) {
        const [bare, refusal] = await send(method, target, { host });
        expect(bare).toBeGreaterThanOrEqual(400);
        expect(bare).toBeLessThan(500);
        const [withKey, answer] = await send(method, target, { host, key: teamKey });
        expect(answer).not.toContain('"object":"list","data":[]');
        // Where Express finds the route with a key, the key was what was missing without one.
        if (withKey < 300 || withKey === 403)
          expect([bare, refusal]).toEqual([401, expect.stringContaining('missing_api_key')]);
        if (bare === 404) expect(withKey).toBe(404);
        const [, forAdmin] = await send(method, target, { host, key: adminKey });
        if (forAdmin.includes('"object":"list","data":[]')) expect(withKey).toBe(403);
      }
      expect(wall.calls.every(({ headers }) => !JSON.stringify(headers).includes(teamKey))).toBe(true);
    },
  );

  it('is no way round: the plain paths work with their keys', async () => {
    expect((await send('GET', '/v1/admin/keys', { key: adminKey }))[0]).toBe(200);
    expect((await send('POST', '/v1/chat/completions', { key: teamKey }))[0]).toBe(200);
    expect((await send('GET', '/v1/health'))[0]).toBe(200);
  });
});
