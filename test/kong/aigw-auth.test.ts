import { describe, expect, it } from '@jest/globals';
import { hashKey } from '../../src/auth/index.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { aigwAuthRow } from '../../src/kong/aigw-auth.ts';
import { gatePlugin } from '../../src/kong/gate-plugin.ts';
import { aigwAuth } from '../../src/kong/index.ts';
import { schemaErrors } from '../support/fake-kong.ts';
import { recordedLog, start } from './support.ts';

const key = 'sk-gateway-ana-0123456789';
const config = {
  keys: [
    { key, id: 'ana', user: 'an\u00e4 50%', team: 'search', project: 'chat', feature: 'answers', tags: ['a', 'b'] },
    { key: 'sk-gateway-bob-0123456789', tags: [] },
  ],
  hide_credentials: true,
};

async function ask(request: { headers?: readonly string[]; path?: string; config?: object; requestId?: string }) {
  const { kong, lines, server } = await start({ plugins: [aigwAuth] });
  const outcome = await kong.handle({ plugin: 'aigw-auth', path: '/v1/chat/completions', config, ...request });
  expect(outcome.errors).toEqual([]);
  expect(server.runningPhases).toBe(0);
  return { outcome, lines };
}

describe('aigw-auth', () => {
  it('lets a known key pass and tells the service and later plugins who calls', async () => {
    const { outcome } = await ask({ headers: ['Host', 'kong', 'Authorization', `Bearer ${key}`, 'Accept', '*/*'] });
    expect(outcome).toMatchObject({
      kind: 'proxied',
      shared: {
        'aigw-auth': {
          key_id: 'ana',
          user: 'an\u00e4 50%',
          team: 'search',
          project: 'chat',
          feature: 'answers',
          tags: ['a', 'b'],
        },
      },
      target: undefined,
    });
    expect(outcome.upstreamHeaders).toEqual({
      host: ['kong'],
      accept: ['*/*'],
      'x-gateway-key-id': ['ana'],
      'x-gateway-user': ['an%C3%A4 50%25'],
      'x-gateway-team': ['search'],
      'x-gateway-project': ['chat'],
      'x-gateway-feature': ['answers'],
    });
  });

  it('asks Kong for no more than it needs', async () => {
    const { outcome } = await ask({ headers: ['x-api-key', key] });
    expect(outcome.calls).toEqual([
      'kong.request.get_headers',
      'kong.request.get_path_with_query',
      'kong.nginx.get_var',
      'kong.ctx.shared.set',
      'kong.service.request.clear_header',
      'kong.service.request.set_headers',
    ]);
  });

  it('refuses a missing key in the words of the caller, under the id Kong logs', async () => {
    const { outcome } = await ask({ requestId: '0123456789abcdef0123456789abcdef' });
    expect(outcome).toMatchObject({
      kind: 'answered',
      status: 401,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-store',
        'www-authenticate': 'Bearer',
        'x-request-id': '0123456789abcdef0123456789abcdef',
      },
    });
    expect(JSON.parse(outcome.body)).toMatchObject({
      error: { type: 'authentication_error', code: 'missing_api_key' },
    });
    expect((await ask({ path: '/v1/messages' })).outcome.body).toContain('"type":"authentication_error"');
    expect((await ask({ path: '/v1beta/models/m:generateContent' })).outcome.body).toContain('UNAUTHENTICATED');
  });

  it('keeps a request id of the caller that is short and plain', async () => {
    const { outcome } = await ask({ headers: ['X-Request-Id', 'my-id.1'] });
    expect(outcome.headers['x-request-id']).toBe('my-id.1');
    const strange = await ask({ headers: ['X-Request-Id', 'my id\u00e4'], requestId: 'from-kong' });
    expect(strange.outcome.headers['x-request-id']).toBe('from-kong');
  });

  it('AU-03 refuses two different credentials, also behind hundreds of headers', async () => {
    const padding = Array.from({ length: 300 }, (_, index) => [`x-pad-${index}`, 'x']).flat();
    const headers = ['Authorization', `Bearer ${key}`, ...padding, 'x-api-key', 'sk-gateway-bob-0123456789'];
    expect((await ask({ headers })).outcome).toMatchObject({ kind: 'answered', status: 400 });
    const twice = ['Authorization', `Bearer ${key}`, 'Authorization', 'Bearer sk-gateway-bob-0123456789'];
    expect((await ask({ headers: twice })).outcome.body).toContain('ambiguous_credentials');
  });

  it('takes headers away that only it may send, however they are spelt', async () => {
    const headers = ['x-api-key', 'sk-gateway-bob-0123456789', 'X-Gateway-User', 'root', 'X_Gateway_Team', 'root'];
    const { outcome } = await ask({ headers });
    expect(outcome.upstreamHeaders).toEqual({ 'x-gateway-key-id': ['key-2'] });
    expect(outcome.shared).toEqual({ 'aigw-auth': { key_id: 'key-2' } });
  });

  it('hides the key in the query of a Gemini path, and nothing else of it', async () => {
    const { outcome } = await ask({ path: `/v1beta/models/m:generateContent?alt=sse&key=${key}&k%65y=${key}&q=a%20b` });
    expect(outcome).toMatchObject({ kind: 'proxied', upstreamQuery: 'alt=sse&q=a%20b' });
  });

  it('leaves credentials to a service that wants them', async () => {
    const { outcome } = await ask({
      path: `/v1beta/models/m:generateContent?key=${key}`,
      headers: ['x-goog-api-key', key],
      config: { ...config, hide_credentials: false },
    });
    expect(outcome.upstreamHeaders['x-goog-api-key']).toEqual([key]);
    expect(outcome.upstreamQuery).toBe(`key=${key}`);
  });

  it('leaves a password for the service alone', async () => {
    const { outcome } = await ask({ headers: ['x-api-key', key, 'Authorization', 'Basic YW5hOnNlY3JldA=='] });
    expect(outcome.upstreamHeaders).toMatchObject({ authorization: ['Basic YW5hOnNlY3JldA=='] });
    expect(outcome.upstreamHeaders).not.toHaveProperty('x-api-key');
  });

  it('opens the way to the target only for who passes', async () => {
    const closed = { ...config, target: { host: '127.0.0.1', port: 8787 } };
    const passed = await ask({ headers: ['x-api-key', key], config: closed });
    expect(passed.outcome.target).toEqual(['127.0.0.1', 8787]);
    expect(passed.outcome.calls.at(-1)).toBe('kong.service.set_target');
    expect((await ask({ config: closed })).outcome).toMatchObject({ kind: 'answered', target: undefined });
  });

  it('takes keys by their hash', async () => {
    const secret = 'a secret of at least thirty-two characters';
    const hashed = { key_hashes: [{ hash: hashKey(key, secret), id: 'ana' }], secret };
    expect(schemaErrors(aigwAuth.Schema, hashed)).toEqual([]);
    expect((await ask({ headers: ['x-api-key', key], config: hashed })).outcome.shared).toEqual({
      'aigw-auth': { key_id: 'ana' },
    });
  });

  it('understands what Kong adds: references it has resolved, and nulls', async () => {
    const decorated = {
      keys: [{ key, id: 'ana', user: null, $refs: { key: '{vault://env/ana-key}' } }],
      key_hashes: null,
      consumer_id: 'x',
    };
    expect((await ask({ headers: ['x-api-key', key], config: decorated })).outcome.kind).toBe('proxied');
  });

  it.each<[string, object, RegExp]>([
    ['two equal keys', { keys: [{ key }, { key }] }, /"keys\.0" and "keys\.1" are the same key/],
    ['a reference that could not be resolved', { keys: [{ key: '' }] }, /has 0 characters/],
    ['no key, here or in the environment', {}, /there is no key/],
  ])('refuses everything when its configuration cannot work: %s', async (_, broken, reason) => {
    const { log, lines } = recordedLog();
    const plugin = gatePlugin(aigwAuthRow, { runtime: systemRuntime, log });
    const { kong } = await start({ plugins: [plugin] });
    const outcome = await kong.handle({ plugin: 'aigw-auth', headers: ['x-api-key', key], config: broken });
    expect(outcome).toMatchObject({ kind: 'answered', status: 500, errors: [] });
    expect(JSON.parse(outcome.body)).toMatchObject({ error: { code: 'internal_error' } });
    expect(outcome.body).not.toMatch(reason);
    expect(lines).toMatchObject([
      { level: 'error', message: 'plugin-misconfigured', plugin: 'aigw-auth', reason: expect.stringMatching(reason) },
    ]);
    expect(JSON.stringify(lines)).not.toContain(key);
  });
});

describe('KG-04 the schema of aigw-auth', () => {
  it('takes what the plugin takes', () => {
    expect(schemaErrors(aigwAuth.Schema, config)).toEqual([]);
    expect(schemaErrors(aigwAuth.Schema, {})).toEqual([]);
    expect(schemaErrors(aigwAuth.Schema, { keys: [{ key: '{vault://env/k}' }] })).toEqual([]);
    expect(schemaErrors(aigwAuth.Schema, { ...config, target: { host: '::1', port: 1 } })).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a name that is no option', { kees: [] }, 'kees: unknown field'],
    ['an empty list', { keys: [] }, 'keys: length must be at least 1'],
    ['an entry without a key', { keys: [{ id: 'ana' }] }, 'keys.0.key: required field missing'],
    ['a short key', { keys: [{ key: 'short' }] }, 'keys.0.key: length must be at least 16'],
    ['models, which are decided elsewhere', { keys: [{ key, models: ['gpt-4o'] }] }, 'keys.0.models: unknown field'],
    ['a hash of another kind', { key_hashes: [{ hash: 'abc' }] }, 'key_hashes.0.hash: invalid value'],
    ['a target by name', { target: { host: 'gateway.local', port: 80 } }, 'target.host: invalid value'],
    ['a target without a port', { target: { host: '127.0.0.1' } }, 'target.port: required field missing'],
    [
      'a port out of range',
      { target: { host: '127.0.0.1', port: 70_000 } },
      'target.port: value should be between 1 and 65535',
    ],
  ])('rejects %s', (_, wrong, error) => {
    expect(schemaErrors(aigwAuth.Schema, wrong)).toContain(error);
  });
});
