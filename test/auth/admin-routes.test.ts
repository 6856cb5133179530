import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { keyHint } from '../../src/auth/index.ts';
import { createGateway, type GatewayConfig } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { refusal, startGateway, wallConfig } from '../gateway/support/gateway-app.ts';
import { ample } from '../support/ample.ts';
import { type AdminServer, adminKey, keySecret, startAdminGateway } from './gateway-support.ts';

const teamKey = 'sk-team-key-0123456789';
let wall: FakeProvider;
let server: AdminServer;
const folder = mkdtempSync(join(tmpdir(), 'admin-'));
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
  server = await startAdminGateway(withAdmin());
});
afterAll(async () => {
  await server.close();
  await wall.close();
  rmSync(folder, { recursive: true, force: true });
});
afterEach(async () => {
  for (const other of running.splice(0)) await other.close();
});

function withAdmin(config: GatewayConfig = {}): GatewayConfig {
  return { ...wallConfig(wall), keys: [{ key: teamKey, team: 'search' }], admin: { key: adminKey }, ...config };
}

async function start(config: GatewayConfig): Promise<AdminServer> {
  const started = await startAdminGateway(config);
  running.push(started);
  return started;
}

describe('AD-04: the admin routes', () => {
  it('are not there without an admin key', async () => {
    const { url, close } = await startGateway({
      config: { ...wallConfig(wall), keys: [{ key: teamKey }] },
      path: '/v1',
    });
    running.push({ close });
    for (const path of ['/v1/admin/keys', '/v1/admin', '/v1/admin/audit']) {
      const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${teamKey}` } });
      expect([response.status, await response.text()]).toEqual([404, '{"from":"the app"}']);
    }
  });

  it.each<[string, GatewayConfig['admin'], Record<string, string>, RegExp]>([
    ['an empty key', { key: '' }, {}, /"key" must have at least 16 characters/],
    ['a short key', { key: 'short' }, {}, /"key" must have at least 16 characters/],
    ['an empty section', {}, {}, /must hold a "key"/],
    ['an empty variable', undefined, { GATEWAY_ADMIN_KEY: '' }, /GATEWAY_ADMIN_KEY must have at least 16 characters/],
    ['a blank variable', undefined, { GATEWAY_ADMIN_KEY: '   ' }, /GATEWAY_ADMIN_KEY must have at least 16/],
    ['a short secret', { key: adminKey, keySecret: 'short' }, {}, /"keySecret" must have at least 32 characters/],
    ["a key that is a caller's, too", { key: teamKey }, {}, /are the same key/],
  ])('are refused at start-up with %s', (_, admin, environment, message) => {
    const config = { ...wallConfig(wall), keys: [{ key: teamKey }], ...(admin !== undefined && { admin }) };
    const text = refusal(() => createGateway(config, { environment }));
    expect(text).toMatch(message);
    expect(text).not.toContain(teamKey);
  });

  it.each([
    ['the database', { storage: { url: `sqlite:${join(folder, 'no-secret.db')}` } }],
    ['Redis', { redis: { url: 'redis://127.0.0.1:1' } }],
  ])('are refused at start-up with keys in %s and no secret for them', (place, section) => {
    const message = refusal(() => createGateway(withAdmin(section), { environment: {} }));
    expect(message).toMatch(new RegExp(`kept in ${place} .* GATEWAY_KEY_SECRET`));
  });

  it.each([
    'GET /admin/keys',
    'POST /admin/keys',
    'GET /admin/audit',
    'DELETE /admin/keys/x',
    'GET /admin/anything',
    'PUT /admin',
  ])('are closed to strangers and to other keys: %s', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const body = method === 'POST' ? {} : undefined;
    const stranger = await server.admin(method, path, body, '');
    expect([stranger.status, stranger.body.error.code]).toEqual([401, 'missing_api_key']);
    const other = await server.admin(method, path, body, teamKey);
    expect([other.status, other.body.error.code]).toEqual([403, 'permission_denied']);
    for (const answer of [stranger, other]) {
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(answer.headers.get('content-type')).toContain('application/json');
    }
  });

  it('open with the key of the environment, which makes everybody need one', async () => {
    const { url, close } = await startGateway({
      config: wallConfig(wall),
      environment: { GATEWAY_ADMIN_KEY: adminKey },
      path: '/v1',
    });
    running.push({ close });
    const call = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: '{}' });
    expect(call.status).toBe(401);
    const list = await fetch(`${url}/v1/admin/keys`, { headers: { authorization: `Bearer ${adminKey}` } });
    expect([list.status, await list.json()]).toEqual([200, { object: 'list', data: [], has_more: false }]);
  });
});

describe('a key made at run time', () => {
  it('is shown once, works at once, and is listed with its last four characters', async () => {
    const terms = { user: 'ana', team: 'search', models: ['openai/demo-small'], limits: ['100 requests per hour'] };
    const made = await server.admin('POST', '/admin/keys', { id: 'ana-1', terms });
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ object: 'key', id: 'ana-1', status: 'active', terms, version: 1 });
    expect(made.body.key).toMatch(/^gw-[\w-]{43}$/);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(await server.chat(made.body.key)).toBe(200);
    expect(await server.chat(made.body.key, 'openai/demo-large')).toBe(403);
    const { key: _, ...shown } = made.body;
    expect((await server.admin('GET', '/admin/keys/ana-1')).body).toEqual(shown);
    const list = await server.admin('GET', '/admin/keys?team=search');
    expect(list.body.data).toEqual([shown]);
    expect(shown.last_four).toBe(made.body.key.slice(-4));
    expect(list.text).not.toContain(made.body.key);
  });

  it('gets an id where none is given', async () => {
    const made = await server.admin('POST', '/admin/keys');
    expect([made.status, made.body.id]).toEqual([201, expect.stringMatching(/^key-[0-9a-f]{16}$/)]);
  });

  it('changes, rotates with overlap, and ends', async () => {
    const { body } = await server.admin('POST', '/admin/keys', { id: 'bob', terms: { user: 'bob', routes: ['chat'] } });
    expect(await server.chat(body.key)).toBe(200);
    const changed = await server.admin('PATCH', '/admin/keys/bob', { terms: { routes: ['embeddings'], user: null } });
    expect([changed.status, changed.body.terms, changed.body.version]).toEqual([200, { routes: ['embeddings'] }, 2]);
    expect(await server.chat(body.key)).toBe(403);
    await server.admin('PATCH', '/admin/keys/bob', { terms: { routes: null } });
    const rotated = await server.admin('POST', '/admin/keys/bob/rotate', { overlap: '10m' });
    expect(rotated.body.previous_valid_until).toMatch(/^20\d\d-/);
    expect([await server.chat(body.key), await server.chat(rotated.body.key)]).toEqual([200, 200]);
    const again = await server.admin('POST', '/admin/keys/bob/rotate', { overlap: '0s' });
    expect([
      await server.chat(body.key),
      await server.chat(rotated.body.key),
      await server.chat(again.body.key),
    ]).toEqual([401, 401, 200]);
    const ended = await server.admin('POST', '/admin/keys/bob/revoke');
    expect([ended.status, ended.body.status]).toEqual([200, 'revoked']);
    expect(await server.chat(again.body.key)).toBe(401);
    expect((await server.admin('DELETE', '/admin/keys/bob')).body).toEqual(ended.body);
    for (const [method, path, sent] of [
      ['PATCH', '/admin/keys/bob', { terms: {} }],
      ['POST', '/admin/keys/bob/rotate', {}],
      ['POST', '/admin/keys', { id: 'bob' }],
      ['POST', '/admin/keys', { id: 'admin' }],
      ['POST', '/admin/keys', { id: 'key-1' }],
    ] as const) {
      const answer = await server.admin(method, path, sent);
      expect([path, answer.status, answer.body.error.code]).toEqual([path, 409, 'conflict']);
    }
  });

  it('expires, and is not valid before its time', async () => {
    const late = await server.admin('POST', '/admin/keys', { terms: { expiresAt: '2020-01-01T00:00:00Z' } });
    expect([late.body.status, await server.chat(late.body.key)]).toEqual(['expired', 401]);
    const early = await server.admin('POST', '/admin/keys', { terms: { notBefore: '2999-01-01T00:00:00+02:00' } });
    expect([early.body.status, await server.chat(early.body.key)]).toEqual(['not_yet_valid', 401]);
  });

  it.each<[string, unknown, RegExp]>([
    ['an unknown member', { terms: { teem: 'x' } }, /terms\.teem.*unknown/],
    ['a member of another level', { team: 'x' }, /unknown option "team"/],
    ['a date without its offset', { terms: { expiresAt: '2030-01-01' } }, /expiresAt.*offset/],
    ['an empty list of models', { terms: { models: [] } }, /models.*is empty/],
    ['a route that is none', { terms: { routes: ['chats'] } }, /routes\.0.*operation/],
    ['a plan that is none', { terms: { limits: ['many requests per hour'] } }, /limits\.0.*100 requests per hour/],
    ['a limit without a window', { terms: { limits: [{ requests: 5 }] } }, /limits\.0.*window/],
    ['a limit of two measures', { terms: { limits: [{ requests: 5, tokens: 5, window: '1m' }] } }, /one of/],
    ['two limits of one kind', { terms: { limits: ['5 requests per hour', '9 requests per hour'] } }, /same kind/],
    ['a budget of nothing', { terms: { budgets: [{ limit: 0, period: 'day' }] } }, /limit.*greater than 0/],
    ['a budget in no time zone', { terms: { budgets: [{ limit: 1, period: 'day', timezone: 'Mars' }] } }, /time zone/],
    ['terms that are a list', { terms: [] }, /terms.*object/],
    ['an id with a slash', { id: '../x' }, /An id has/],
    ['an id that is a number', { id: 5 }, /"id" must be a text/],
  ])('is not made with %s', async (_, body, message) => {
    const answer = await server.admin('POST', '/admin/keys', body);
    expect([answer.status, answer.body.error.code]).toEqual([400, 'invalid_request']);
    expect(answer.body.error.message).toMatch(message);
  });

  it.each([
    ['GET', '/admin/keys/nobody', 404],
    ['GET', '/admin/keys/%2e%2e', 404],
    ['PATCH', '/admin/keys/nobody', 400],
    ['DELETE', '/admin/keys/nobody', 404],
    ['GET', '/admin/keys/a/b/c', 404],
    ['GET', '/admin', 404],
    ['PUT', '/admin/keys', 405],
    ['DELETE', '/admin/audit', 405],
    ['GET', '/admin/keys?limit=0', 400],
    ['GET', '/admin/keys?limit=x', 400],
    ['GET', '/admin/keys?bogus=1', 400],
  ])('%s %s is answered with %d', async (method, path, status) => {
    const answer = await server.admin(method, path, method === 'PATCH' ? {} : undefined);
    expect([answer.status, typeof answer.body.error.code]).toEqual([status, 'string']);
  });

  it('is listed page by page', async () => {
    const other = await start(withAdmin());
    for (const id of ['c', 'a', 'b']) await other.admin('POST', '/admin/keys', { id });
    const first = await other.admin('GET', '/admin/keys?limit=2');
    expect([first.body.data.map(({ id }: { id: string }) => id), first.body.has_more]).toEqual([['a', 'b'], true]);
    const rest = await other.admin('GET', '/admin/keys?limit=2&after=b');
    expect([rest.body.data.map(({ id }: { id: string }) => id), rest.body.has_more]).toEqual([['c'], false]);
    // Another gateway in the same process knows nothing of them.
    expect((await server.admin('GET', '/admin/keys/c')).status).toBe(404);
  });
});

describe('AU-16: whoever is no admin', () => {
  it('changes nothing, is told 403, and is written down', async () => {
    const gateway = await start(withAdmin());
    const made = await gateway.admin('POST', '/admin/keys', {
      id: 'mia',
      terms: { team: 'search', models: ['openai/*'] },
    });
    const before = (await gateway.admin('GET', '/admin/keys/mia')).body;
    for (const [method, path, body] of [
      ['POST', '/admin/keys', { terms: { admin: true } }],
      ['PATCH', '/admin/keys/mia', { terms: { admin: true } }],
      ['PATCH', '/admin/keys/mia', { terms: { models: ['*'], team: 'finance' } }],
      ['POST', '/admin/keys/mia/rotate', {}],
      ['DELETE', '/admin/keys/mia', undefined],
      ['GET', '/admin/audit', undefined],
    ] as const) {
      expect((await gateway.admin(method, path, body, made.body.key)).status).toBe(403);
    }
    expect((await gateway.admin('GET', '/admin/keys/mia')).body).toEqual(before);
    expect((await gateway.admin('GET', '/admin/keys')).body.data).toHaveLength(1);
    const { data } = (await gateway.admin('GET', '/admin/audit')).body;
    const noted = data.map(({ actor, action, outcome, target }: Record<string, unknown>) => [
      actor,
      action,
      outcome,
      target,
    ]);
    expect(noted).toEqual([
      ['mia', 'audit', 'refused', null],
      ['mia', 'revoke', 'refused', 'mia'],
      ['mia', 'rotate', 'refused', 'mia'],
      ['mia', 'update', 'refused', 'mia'],
      ['mia', 'update', 'refused', 'mia'],
      ['mia', 'create', 'refused', null],
      ['admin', 'create', 'done', 'mia'],
    ]);
    expect(data.at(-1)).toMatchObject({
      before: null,
      after: before.terms,
      peer: '127.0.0.1',
      request_id: expect.any(String),
    });
  });

  it('becomes one by the word of an admin alone', async () => {
    const gateway = await start(withAdmin());
    const made = await gateway.admin('POST', '/admin/keys', { id: 'deputy', terms: { admin: true } });
    expect((await gateway.admin('POST', '/admin/keys', { id: 'x' }, made.body.key)).status).toBe(201);
    expect((await gateway.admin('GET', '/admin/audit?key=x')).body.data).toMatchObject([
      { actor: 'deputy', action: 'create' },
    ]);
  });
});

describe('AU-13: injection', () => {
  it.each(["' OR 1=1--", '%', '*', 'a\u0000b', '{"$gt":""}', "'; drop table gateway_keys; --"])(
    '%j as id, key or team finds and breaks nothing',
    async (text) => {
      const gateway = await start(
        withAdmin({ storage: { url: `sqlite:${join(folder, 'injection.db')}` }, admin: { key: adminKey, keySecret } }),
      );
      await gateway.admin('POST', '/admin/keys', { id: 'kept', terms: { team: 'a' } });
      const startedAt = performance.now();
      expect((await gateway.admin('GET', `/admin/keys/${encodeURIComponent(text)}`)).status).toBe(404);
      expect((await gateway.admin('POST', '/admin/keys', { id: text })).status).toBe(400);
      const byTeam = await gateway.admin('GET', `/admin/keys?team=${encodeURIComponent(text)}`);
      expect(byTeam.body.data).toEqual([]);
      expect(performance.now() - startedAt).toBeLessThan(ample);
      expect((await gateway.admin('GET', '/admin/keys/kept')).status).toBe(200);
    },
  );
});

describe('AU-06: what is kept and shown of keys', () => {
  it('is never a key', async () => {
    const path = join(folder, 'dump.db');
    const gateway = await start(withAdmin({ storage: { url: `sqlite:${path}` }, admin: { key: adminKey, keySecret } }));
    const secrets: string[] = [adminKey, teamKey, keySecret];
    const shown: string[] = [];
    for (let index = 0; index < 10; index += 1) {
      const made = await gateway.admin('POST', '/admin/keys', { id: `k${index}`, terms: { team: 't' } });
      const rotated = await gateway.admin('POST', `/admin/keys/k${index}/rotate`, {});
      secrets.push(made.body.key, rotated.body.key);
    }
    for (let index = 0; index < 100; index += 1) await gateway.chat(secrets[index % secrets.length] ?? '');
    for (const route of ['/admin/keys', '/admin/audit', '/admin/keys/k1'])
      shown.push((await gateway.admin('GET', route)).text);
    await gateway.close();
    running.length = 0;
    shown.push(JSON.stringify(gateway.lines));
    const files = readdirSync(folder).filter((name) => name.startsWith('dump.db'));
    expect(files).toContain('dump.db');
    const stored = files.flatMap((name) =>
      name.endsWith('.spool') ? [] : [readFileSync(join(folder, name), 'latin1')],
    );
    for (const secret of secrets) for (const text of [...shown, ...stored]) expect(text.includes(secret)).toBe(false);
    expect(stored.join('')).toContain('gateway_keys');
  });

  it('is at most the last four characters, and nothing of a short one', () => {
    expect([keyHint('gw-0123456789abcdef'), keyHint('123456789012'), keyHint('12345678901'), keyHint('demo')]).toEqual([
      'cdef',
      '9012',
      '',
      '',
    ]);
  });
});
