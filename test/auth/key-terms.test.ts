import { describe, expect, it } from '@jest/globals';
import { type AppCaller, type AuthOptions, createAuth, type KeyTerms } from '../../src/auth/index.ts';
import { Call, type CallInit } from '../../src/core/call.ts';
import { runGate } from '../../src/core/gate.ts';
import { ownProviderKey } from '../../src/core/own-provider-key.ts';
import { manualRuntime } from '../support/manual-runtime.ts';

const key = 'sk-gateway-ana-0123456789';

interface Request {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: CallInit['readBody'];
  readonly path?: string;
  readonly operation?: CallInit['operation'];
  readonly method?: string;
}

function callWith({
  headers = {},
  body,
  path = '/v1/chat/completions',
  operation = 'chat',
  method = 'POST',
}: Request): Call {
  const all = { 'x-api-key': key, ...headers };
  return new Call({
    head: { method, path, headers: all, rawHeaders: Object.entries(all).flat() },
    dialect: 'openai-chat',
    operation,
    runtime: manualRuntime({ startWallTime: Date.parse('2026-06-01T00:00:00Z') }),
    readBody:
      body ??
      (() => {
        throw new Error('The body was read.');
      }),
  });
}

async function decide(options: AuthOptions, request: Request = {}) {
  const call = callWith(request);
  const decision = await runGate(call, createAuth(options, { environment: {} }));
  return { call, decision, code: decision.kind === 'reject' ? decision.error.code : decision.kind };
}

const withTerms = (terms: KeyTerms): AuthOptions => ({ keys: [{ key, id: 'ana', ...terms }] });

describe('the dates of a key', () => {
  it.each<[KeyTerms, string, string]>([
    [{ expiresAt: '2026-06-01T00:00:00.001Z' }, 'pass', ''],
    [{ expiresAt: '2026-06-01T00:00:00Z' }, 'invalid_api_key', 'The API key has expired.'],
    [{ expiresAt: '2026-06-01T02:00:00+02:00' }, 'invalid_api_key', 'The API key has expired.'],
    [{ notBefore: '2026-06-01T00:00:00Z' }, 'pass', ''],
    [{ notBefore: '2026-06-01T00:00:01Z' }, 'invalid_api_key', 'The API key is not valid yet.'],
  ])('%j: %s', async (terms, code, message) => {
    const { decision, code: found } = await decide(withTerms(terms));
    expect(found).toBe(code);
    if (decision.kind === 'reject') expect(decision.error.message).toBe(message);
  });
});

describe('the routes of a key', () => {
  it.each<[readonly string[], Request, string]>([
    [['chat'], {}, 'pass'],
    [['embeddings', 'models'], {}, 'permission_denied'],
    [['models'], { operation: 'models', method: 'GET', path: '/v1/models' }, 'pass'],
    [['/v1/chat/*'], {}, 'pass'],
    [['/v1/chat/completions'], { path: '/v1/chat/completions?x=1' }, 'pass'],
    [['/v1/chat/completions'], { path: '/v1/messages' }, 'permission_denied'],
    [['/v1/chat/*'], { path: '/v1/chat/../admin/keys', operation: 'other' }, 'permission_denied'],
    [['/v1/chat/*'], { path: '/v1/chat/%2e%2e/admin', operation: 'other' }, 'permission_denied'],
    [['/v1/chat/*'], { path: '/v1/chat//x', operation: 'other' }, 'permission_denied'],
    [['/v1/chat/*'], { path: '/v1/chat%2fx', operation: 'other' }, 'permission_denied'],
    [['/v1/chat/*'], { path: '/v1/chat/x;y', operation: 'other' }, 'permission_denied'],
    [['/v1/chat/*'], { path: '/v1/chat\\x', operation: 'other' }, 'permission_denied'],
    [['/v1/*'], { path: 'http://x/v1/chat/completions', operation: 'other' }, 'permission_denied'],
  ])('%j and %j: %s', async (routes, request, code) => {
    expect((await decide(withTerms({ routes }), request)).code).toBe(code);
  });
});

describe('limits and budgets of a key', () => {
  it('are rules on the caller', async () => {
    const { call } = await decide(
      withTerms({
        limits: ['100 requests per hour', { tokens: 5000, window: '1m', burst: 9000, per: 'user' }, { concurrent: 3 }],
        budgets: [
          { limit: 2.5, period: 'day', timezone: 'Asia/Kathmandu' },
          { per: 'model', limit: 1, period: '24h', alerts: [90, 50, 90] },
        ],
      }),
    );
    expect(call.caller.limits).toEqual([
      {
        name: 'own-key-requests-3600000ms',
        per: 'key',
        measure: 'requests',
        amount: 100,
        windowMs: 3_600_000,
        algorithm: 'fixed-window',
        mode: 'enforce',
      },
      {
        name: 'own-user-tokens-60000ms',
        per: 'user',
        measure: 'tokens',
        amount: 5000,
        windowMs: 60_000,
        burst: 9000,
        algorithm: 'token-bucket',
        mode: 'enforce',
      },
      {
        name: 'own-key-concurrent',
        per: 'key',
        measure: 'concurrent',
        amount: 3,
        algorithm: 'token-bucket',
        mode: 'enforce',
      },
    ]);
    expect(call.caller.budgets).toEqual([
      {
        name: 'own-key-day',
        per: 'key',
        limit: 2_500_000_000,
        period: 'day',
        timezone: 'Asia/Kathmandu',
        alerts: [80, 90, 100],
      },
      {
        name: 'own-model-86400000ms',
        per: 'model',
        limit: 1_000_000_000,
        period: { rollingMs: 86_400_000 },
        timezone: 'UTC',
        alerts: [50, 90],
      },
    ]);
  });

  it.each<[KeyTerms, RegExp]>([
    [{ limits: [{ concurrent: 3, window: '1m' } as never] }, /"keys\.0\.limits\.0" has no "window"/],
    [{ limits: ['0 requests per hour'] }, /limits\.0/],
    [{ limits: [{ requests: 1.5, window: '1m' }] }, /limits\.0\.requests.*whole number/],
    [{ budgets: [{ limit: 1, period: 'year' as never }] }, /budgets\.0\.period/],
    [{ tags: Array<string>(51).fill('x') }, /tags.*50/],
  ])('that cannot be are refused at start: %j', (terms, message) => {
    expect(() => createAuth(withTerms(terms), { environment: {} })).toThrow(message);
  });
});

describe('RL-19: on whose behalf a call comes', () => {
  const trusted = withTerms({ user: 'ana', mayNameUser: true });
  const body = (json: object) => () => ({ json: json as never });

  it.each([{ 'x-user': 'eve' }, {}])('is what the key says, whatever headers and body say: %j', async (headers) => {
    const { call, code } = await decide(withTerms({ user: 'ana' }), { headers });
    expect([code, call.caller.user, call.caller.keyId]).toEqual(['pass', 'ana', 'ana']);
  });

  it.each<[string, Request, string]>([
    ['the header', { headers: { 'x-user': 'eve' } }, 'eve'],
    ['the header before the body', { headers: { 'x-user': 'eve' }, body: body({ user: 'bob' }) }, 'eve'],
    ['user', { body: body({ user: 'bob' }) }, 'bob'],
    ['metadata.user_id', { body: body({ metadata: { user_id: 'mia' } }) }, 'mia'],
    ['nobody, and it stays the key\u2019s', { body: body({ model: 'm' }) }, 'ana'],
    ['nobody, where there is no body', { method: 'GET', operation: 'models', path: '/v1/models' }, 'ana'],
  ])('may be named by a trusted key: %s', async (_, request, user) => {
    const { call, code } = await decide(trusted, request);
    expect([code, call.caller.user, call.caller.keyId]).toEqual(['pass', user, 'ana']);
  });

  it.each<[string, Request]>([
    ['a number', { body: body({ user: 5 }) }],
    ['a long text', { headers: { 'x-user': 'x'.repeat(257) } }],
    ['a control character', { body: body({ user: 'a\u0000b' }) }],
  ])('cannot be %s', async (_, request) => {
    expect((await decide(trusted, request)).code).toBe('invalid_request');
  });
});

describe("a caller's own key of the provider", () => {
  const sent = { headers: { 'x-provider-key': 'sk-their-own-provider-key' } };

  it('is refused where the key may not bring one', async () => {
    const { decision } = await decide(withTerms({}), sent);
    expect(decision).toMatchObject({
      kind: 'reject',
      error: { status: 403, code: 'permission_denied', param: 'x-provider-key' },
    });
  });

  it('is kept for the call, and shown to one provider alone', async () => {
    const auth = createAuth(withTerms({ ownProviderKeys: true, models: ['openai/*', 'azure/*'] }), { environment: {} });
    const call = callWith(sent);
    expect(await runGate(call, auth)).toEqual({ kind: 'pass' });
    expect(call.get(ownProviderKey)).toBe('sk-their-own-provider-key');
    const candidates = ['gemini/a', 'openai/a', 'azure/a', 'openai/b'].map((target) => {
      const [provider = '', model = ''] = target.split('/');
      return { provider, model };
    });
    expect(auth.onPlan?.(call, candidates)).toMatchObject({
      candidates: [candidates[1], candidates[3]],
      skipped: [{ candidate: candidates[0] }, { candidate: candidates[2] }],
    });
    expect(JSON.stringify(call.caller)).not.toContain('sk-their-own');
  });

  it.each(['', 'two words', 'x'.repeat(600)])('that is none is refused: %#', async (value) => {
    const { code } = await decide(withTerms({ ownProviderKeys: true }), { headers: { 'x-provider-key': value } });
    expect(code).toBe('invalid_request');
  });
});

describe('a caller the app vouches for', () => {
  const ask = (caller: AppCaller | undefined, rest: AuthOptions = {}) => decide({ ...rest, user: () => caller });

  it('needs no key', async () => {
    const { call, code } = await ask({ user: 'ana', team: 'search', limits: ['5 requests per minute'] });
    expect(code).toBe('pass');
    expect(call.caller).toMatchObject({ keyId: 'user:ana', user: 'ana', team: 'search', limits: [{ amount: 5 }] });
    expect((await ask({ id: 'job-7' })).call.caller).toEqual({ keyId: 'job-7' });
  });

  it('goes before a key; without one the key counts', async () => {
    const keys = [{ key, id: 'by-key' }];
    expect((await ask({ user: 'ana' }, { keys })).call.caller.keyId).toBe('user:ana');
    expect((await ask(undefined, { keys })).call.caller.keyId).toBe('by-key');
    expect((await ask(undefined)).code).toBe('invalid_api_key');
  });

  it.each<[string, AppCaller]>([
    ['nobody', {}],
    ['what is no caller', { user: 5 as never }],
    ['a member that is not known', { user: 'ana', role: 'root' } as never],
  ])('is refused when the app names %s', async (_, caller) => {
    expect((await ask(caller)).code).toBe('internal_error');
  });
});
