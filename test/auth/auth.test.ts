import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { createAuth, hashKey } from '../../src/auth/index.ts';
import { errorReply } from '../../src/core/reply.ts';
import { callWith, decide, refusalOf } from './support.ts';

const anaKey = 'sk-gateway-ana-0123456789';
const bobKey = 'sk-gateway-bob-0123456789';
const auth = createAuth({
  keys: [
    { key: anaKey, id: 'ana', user: 'ana', team: 'search', project: 'chat', feature: 'answers', tags: ['a', 'b'] },
    { key: bobKey, models: ['openai/gpt-4o', 'anthropic/*', 'gemini-*-flash'] },
  ],
});

describe('AU-01 a call without a credential', () => {
  it.each([
    ['openai-chat', 'chat', '/chat/completions'],
    ['openai-chat', 'models', '/models'],
    ['openai-chat', 'other', '/files'],
    ['anthropic-messages', 'chat', '/messages'],
    ['gemini', 'chat', '/models/gemini-2.5-flash:generateContent'],
  ] as const)('is refused with 401 in the dialect %s (%s)', (dialect, operation, path) => {
    const call = callWith({ dialect, operation, path });
    const decision = decide(auth, call);
    expect(decision).toMatchObject({ kind: 'reject', error: { status: 401, code: 'missing_api_key' } });
    if (decision.kind !== 'reject') return;
    const reply = errorReply(decision.error, dialect);
    expect(reply.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'cache-control': 'no-store' });
    expect(JSON.parse(String(reply.body))).toMatchObject({
      error: { message: expect.stringContaining('No API key was sent') },
    });
    expect(call.caller.keyId).toBe('anonymous');
  });

  it.each([
    ['an empty header', ['x-api-key', '']],
    ['a Bearer without a token', ['Authorization', 'Bearer ']],
    ['another scheme', ['Authorization', 'Basic YW5hOnNlY3JldA==']],
    ['the key without a scheme', ['Authorization', anaKey]],
    ['a key in the query of a path that is not a Gemini one', []],
  ])('is one with %s, too', (_, headers) => {
    expect(refusalOf(auth, { headers, path: `/chat/completions?key=${anaKey}` }).code).toBe('missing_api_key');
  });
});

describe('a call with the right key', () => {
  it.each([
    ['Authorization', ['Authorization', `Bearer ${anaKey}`]],
    ['authorization, the scheme in small letters', ['authorization', `bearer ${anaKey}`]],
    ['x-api-key', ['X-Api-Key', anaKey]],
    ['api-key', ['api-key', anaKey]],
    ['x-goog-api-key', ['x-goog-api-key', anaKey]],
  ])('passes with %s', (_, headers) => {
    const call = callWith({ headers });
    expect(decide(auth, call)).toEqual({ kind: 'pass' });
    expect(call.caller).toEqual({
      keyId: 'ana',
      user: 'ana',
      team: 'search',
      project: 'chat',
      feature: 'answers',
      tags: ['a', 'b'],
    });
  });

  it('passes with the key in the query of a Gemini path', () => {
    const call = callWith({
      dialect: 'gemini',
      path: `/models/gemini-2.5-flash:generateContent?alt=sse&key=${anaKey}`,
    });
    expect(decide(auth, call)).toEqual({ kind: 'pass' });
    expect(call.caller.keyId).toBe('ana');
  });

  it('passes when the same key stands in several places', () => {
    const headers = ['Authorization', `Bearer ${anaKey}`, 'x-api-key', anaKey, 'Authorization', `bearer ${anaKey}`];
    expect(decide(auth, callWith({ headers }))).toEqual({ kind: 'pass' });
  });

  it('passes with a key that is configured by its hash alone', () => {
    const secret = 'a secret of at least thirty-two characters';
    const hashed = createAuth({ keyHashes: [{ hash: hashKey(anaKey, secret).toUpperCase(), id: 'ana' }], secret });
    const call = callWith({ headers: ['x-api-key', anaKey] });
    expect(decide(hashed, call)).toEqual({ kind: 'pass' });
    expect(call.caller.keyId).toBe('ana');
    expect(refusalOf(hashed, { headers: ['x-api-key', bobKey] }).code).toBe('invalid_api_key');
  });

  it('is refused by a second auth in the same chain', () => {
    const call = callWith({ headers: ['x-api-key', anaKey] });
    decide(auth, call);
    expect(decide(createAuth({ keys: [{ key: anaKey }] }), call)).toMatchObject({
      kind: 'reject',
      error: { code: 'wrong_mount' },
    });
  });
});

describe('AU-03 a call with several different credentials', () => {
  it.each<[string, readonly string[], string]>([
    ['two Authorization headers', ['Authorization', `Bearer ${anaKey}`, 'Authorization', `Bearer ${bobKey}`], ''],
    [
      'two Authorization headers of different schemes',
      ['Authorization', `Bearer ${anaKey}`, 'authorization', 'Basic eA=='],
      '',
    ],
    ['Authorization and x-api-key', ['Authorization', `Bearer ${anaKey}`, 'x-api-key', bobKey], ''],
    ['two x-api-key headers', ['x-api-key', anaKey, 'X-API-Key', bobKey], ''],
    ['a header and the query', ['x-goog-api-key', anaKey], `/models/m:generateContent?key=${bobKey}`],
    ['two keys in the query', [], `/models/m:generateContent?key=${anaKey}&key=${bobKey}`],
  ])('is refused with 400: %s', (_, headers, path) => {
    const error = refusalOf(auth, { headers, ...(path !== '' && { path, dialect: 'gemini' }) });
    expect(error).toMatchObject({ status: 400, code: 'ambiguous_credentials', type: 'invalid_request_error' });
  });
});

describe('AU-13 a call with a wrong or malicious key', () => {
  it.each([
    "' OR 1=1--",
    '%',
    '*',
    'key\0',
    '{"$gt":""}',
    '__proto__',
    'constructor',
    '\u00fcml\u00e4ut-0123456789abcdef',
    `${anaKey}, Bearer ${bobKey}`,
    `${anaKey}x`,
    anaKey.slice(0, -1),
    anaKey.toUpperCase(),
    'k'.repeat(1_000_000),
  ])('is refused with 401: %#', (key) => {
    const error = refusalOf(auth, { headers: ['Authorization', `Bearer ${key}`] });
    expect(error).toMatchObject({
      status: 401,
      code: 'invalid_api_key',
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  });
});

describe('AU-14 the models of a key', () => {
  const candidates = [
    { provider: 'openai', model: 'gpt-4o' },
    { provider: 'anthropic', model: 'claude-sonnet-4-5' },
    { provider: 'gemini', model: 'gemini-2.5-flash' },
    { provider: 'gemini', model: 'gemini-2.5-pro' },
    { provider: 'mistral', model: 'mistral-large-latest' },
  ];

  it('decide on every resolved target, fallbacks included', () => {
    const call = callWith({ headers: ['x-api-key', bobKey] });
    decide(auth, call);
    const plan = auth.onPlan?.(call, candidates);
    expect(plan?.candidates).toEqual(candidates.slice(0, 3));
    expect(plan?.skipped).toMatchObject(
      candidates.slice(3).map((candidate) => ({
        candidate,
        error: { status: 403, code: 'model_not_allowed', type: 'permission_error', param: 'model' },
      })),
    );
  });

  it('leave every target to a key without a list', () => {
    const call = callWith({ headers: ['x-api-key', anaKey] });
    decide(auth, call);
    expect(auth.onPlan?.(call, candidates)).toEqual({ candidates, skipped: [] });
  });

  it('leave no target to a call that was never let in', () => {
    expect(auth.onPlan?.(callWith({}), candidates).candidates).toEqual([]);
  });
});

describe('AU-06 what can be seen of the capability', () => {
  it('holds no key', () => {
    const seen = inspect(auth, { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true });
    for (const text of [seen, JSON.stringify(auth), String(auth.onHead), String(auth.onPlan)]) {
      expect(text).not.toContain(anaKey);
      expect(text).not.toContain(bobKey);
    }
  });

  it('holds no key on the call either', () => {
    const call = callWith({ headers: ['x-api-key', anaKey] });
    decide(auth, call);
    expect(JSON.stringify(call.caller)).not.toContain(anaKey);
  });
});
