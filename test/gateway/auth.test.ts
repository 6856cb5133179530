import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createGateway, type GatewayConfig, hashKey, loadConfig } from '../../src/index.ts';
import { memoryKeyStore } from '../../src/stores/memory/key-store.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { adminKey, keySecret, startAdminGateway } from '../auth/gateway-support.ts';
import { type IdentityProvider, startIdentityProvider } from '../auth/identity-provider.ts';
import { chat } from '../support/test-app.ts';
import { startCli } from './support/cli.ts';
import { get, question, refusal, startGateway, teamKey, wallConfig } from './support/gateway-app.ts';

const issuer = 'https://login.example.com/';
const body = { model: 'openai/demo-small', ...question };
const running: { close(): Promise<void> }[] = [];

let wall: FakeProvider;
let identity: IdentityProvider;
let folder: string;

beforeAll(async () => {
  wall = await startFakeProvider();
  identity = await startIdentityProvider();
  folder = mkdtempSync(join(tmpdir(), 'gateway-auth-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await identity.close();
  await wall.close();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  wall.reset();
});

async function start(config: GatewayConfig, environment: Readonly<Record<string, string>> = {}) {
  const server = await startGateway({ config: { ...wallConfig(wall), ...config }, environment });
  running.push(server);
  return server;
}

function file(text: string): string {
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, text);
  return path;
}

const bearer = (credential: string) => ({ headers: { authorization: `Bearer ${credential}` } });

function token(claims: object = {}): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return identity.sign({ sub: 'ana', iss: issuer, aud: 'gateway', exp, ...claims });
}

/** A file whose callers bring tokens of the identity provider. */
function tokenFile(): string {
  return file(
    [
      `providers: { openai: { apiKey: provider-0123456789, baseUrl: "${wall.baseUrl('openai-chat')}" } }`,
      'auth:',
      '  jwt:',
      `    jwksUrl: "$\{JWKS}"`,
      `    issuer: ${issuer}`,
      '    audience: [gateway, other]',
      '    claims: { team: [org, team] }',
      '    models: ["openai/demo-*"]',
      '    timeout: 10s',
      '  block: { failures: 2, window: 1h, for: 30m }',
    ].join('\n'),
  );
}

describe('the section auth', () => {
  it('takes tokens from a file, names their callers, and says nothing of an open door', async () => {
    const config = loadConfig(tokenFile(), { JWKS: identity.jwksUrl });
    const { url, lines } = await start(config);
    expect(lines).toEqual([]);
    expect((await chat(url, body)).status).toBe(401);
    const good = await token({ org: { team: 'search' } });
    expect((await chat(url, body, bearer(good))).status).toBe(200);
    expect(lines.at(-1)).toMatchObject({ key_id: 'jwt:ana', user: 'ana', team: 'search' });
    const other = await chat(url, { ...body, model: 'openai/e500' }, bearer(good));
    expect([other.status, JSON.parse(other.text).error.code]).toEqual([403, 'model_not_allowed']);
    expect((await get(`${url}/health`, bearer(good).headers)).text).toContain('"targets"');
  });

  it('is served by the program, too', async () => {
    const run = startCli(['--config', tokenFile(), '--port', '0'], { JWKS: identity.jwksUrl });
    try {
      const url = await run.url;
      expect((await chat(url, body)).status).toBe(401);
      const good = await token({ org: { team: 'search' } });
      expect((await chat(url, body, bearer(good))).status).toBe(200);
    } finally {
      run.child.kill('SIGKILL');
      await run.exit;
    }
  }, 60_000);

  it('blocks a peer after as many wrong keys as it says, and leaves known keys alone', async () => {
    const block = { failures: 2, window: '1h', for: '30m' } as const;
    const { url } = await start({ keys: [{ key: teamKey }], auth: { block } });
    const statuses: number[] = [];
    for (const wrong of ['a', 'b', 'c']) {
      const answer = await chat(url, body, bearer(`sk-wrong-key-0123456789-${wrong}`));
      statuses.push(answer.status);
      if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(1_700);
    }
    expect(statuses).toEqual([401, 401, 429]);
    expect((await chat(url, body, bearer(teamKey))).status).toBe(200);
  });

  it('asks the app who calls, before keys and tokens', async () => {
    const { url, lines } = await start({
      keys: [{ key: teamKey, id: 'ops' }],
      auth: {
        user: ({ headers }) => {
          const session = headers['x-session'];
          return typeof session === 'string' ? { user: session, team: 'search' } : undefined;
        },
      },
    });
    expect((await chat(url, body)).status).toBe(401);
    expect((await chat(url, body, bearer(teamKey))).status).toBe(200);
    expect((await chat(url, body, { headers: { 'x-session': 'ben' } })).status).toBe(200);
    expect(lines.slice(-2)).toMatchObject([{ key_id: 'ops' }, { key_id: 'user:ben', team: 'search' }]);
    expect((await get(`${url}/v1/models`, { 'x-session': 'ben' })).status).toBe(200);
  });

  it('knows keys by their hashes, under the secret of the section admin or of the environment', async () => {
    const auth = { keyHashes: [{ hash: hashKey(teamKey, keySecret), id: 'hashed' }] };
    for (const server of [
      await start({ auth, admin: { keySecret } }),
      await start({ auth }, { GATEWAY_KEY_SECRET: keySecret, GATEWAY_API_KEYS: 'sk-unread-key-0123456789' }),
    ]) {
      expect((await chat(server.url, body, bearer(teamKey))).status).toBe(200);
      expect(server.lines.at(-1)).toMatchObject({ key_id: 'hashed' });
      expect((await chat(server.url, body, bearer('sk-unread-key-0123456789'))).status).toBe(401);
    }
  });

  it('warns of keys in the environment that hashes have taken the place of', async () => {
    const auth = { keyHashes: [{ hash: hashKey(teamKey, keySecret) }] };
    const { lines } = await start({ auth, admin: { keySecret } }, { GATEWAY_API_KEYS: 'sk-unread-key-0123456789' });
    expect(lines).toMatchObject([
      {
        level: 'warn',
        message:
          'The environment variable GATEWAY_API_KEYS is not read, because the configuration has "auth.keyHashes".',
      },
    ]);
  });

  it('keeps keys made at run time in a store of the app, which answers late or not at all', async () => {
    const memory = memoryKeyStore();
    let silent = false;
    const server = await startAdminGateway({
      ...wallConfig(wall),
      admin: { key: adminKey },
      auth: {
        keyStore: {
          ...memory,
          shared: false,
          find: (digest) => (silent ? new Promise(() => {}) : memory.find(digest)),
          changes: (since) => (silent ? new Promise(() => {}) : memory.changes(since)),
        },
        storeTimeout: '20ms',
        grace: '0s',
      },
    });
    running.push(server);
    const made = await server.admin('POST', '/admin/keys', { id: 'search-prod' });
    expect(made.status).toBe(201);
    expect(await memory.get('search-prod')).toMatchObject({ id: 'search-prod' });
    expect(await server.chat(made.body.key)).toBe(200);
    silent = true;
    expect(await server.chat('sk-never-seen-0123456789')).toBe(503);
  });

  it.each<[string, object, string]>([
    ['a key of its own', { auth: { keys: [] } }, 'auth: "keys" has a place of its own; write it as "keys"'],
    ['an admin key', { auth: { adminKey } }, 'auth: "adminKey" has a place of its own; write it as "admin.key"'],
    ['a secret', { auth: { secret: keySecret } }, 'write it as "admin.keySecret"'],
    [
      'hashes without the secret',
      { auth: { keyHashes: [{ hash: '0'.repeat(64) }] } },
      'auth: "keyHashes" needs the secret that keys are hashed with. Give "admin.keySecret", or set GATEWAY_KEY_SECRET',
    ],
    [
      'a shared store without the secret',
      { auth: { keyStore: { ...memoryKeyStore(), shared: true } } },
      'auth: "keyStore" needs the secret',
    ],
    ['nobody who could call', { auth: { block: false } }, 'auth(): there is no key'],
    ['a misspelt option', { auth: { jwtt: {} } }, 'auth(): unknown option "jwtt" (did you mean "jwt"?)'],
    ['half a token', { auth: { jwt: { issuer, audience: 'x' } } }, '"jwt.jwksUrl" must be a text'],
    ['a user that is no function', { auth: { user: 'ana' } }, 'auth(): "user" must be a function'],
    ['a store that is none', { auth: { keyStore: {} } }, '"keyStore" must have the methods find, get, list'],
    ['a list', { auth: [] }, '"auth" must be an object: how callers are known'],
  ])('refuses %s', (_, part, message) => {
    const config = { ...wallConfig(wall), ...part } as GatewayConfig;
    expect(refusal(() => createGateway(config, { environment: {}, logger: { log: () => {} } }))).toContain(message);
  });
});
