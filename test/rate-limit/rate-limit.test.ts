import { describe, expect, it } from '@jest/globals';
import type { Caller } from '../../src/core/call.ts';
import type { LimitRule } from '../../src/core/limit-rule.ts';
import { errorReply } from '../../src/core/reply.ts';
import { admitted, chatBody, limiter, type Sent, statuses } from './support.ts';

const ana: Caller = { keyId: 'ana', user: 'ana', team: 'search' };
const bob: Caller = { keyId: 'bob', user: 'bob', team: 'search' };

describe('rateLimit', () => {
  it('lets as many calls pass as the limit says, and more as time goes by', async () => {
    const limit = limiter([{ requests: 3, window: '3s' }]);
    expect(await statuses(limit, 5)).toEqual([200, 200, 200, 429, 429]);
    limit.runtime.advance(1_000);
    expect(await statuses(limit, 2)).toEqual([200, 429]);
    limit.runtime.advance(60_000);
    expect(await admitted(limit, 10)).toBe(3);
  });

  it('counts plans in fixed windows, which begin with the first call', async () => {
    const limit = limiter(['100 requests per hour']);
    expect(await admitted(limit, 150)).toBe(100);
    limit.runtime.advance(3_599_999);
    expect(await admitted(limit, 1)).toBe(0);
    limit.runtime.advance(1);
    expect(await admitted(limit, 150)).toBe(100);
  });

  it('counts a window longer than any timer', async () => {
    const limit = limiter([{ requests: 1, window: '40d', algorithm: 'fixed-window' }]);
    expect(await admitted(limit, 2)).toBe(1);
    limit.runtime.advance(39 * 86_400_000);
    expect(await admitted(limit, 1)).toBe(0);
  });

  it('holds a burst as large as it is told', async () => {
    const limit = limiter([{ requests: 60, window: '1m', burst: 5 }]);
    expect(await admitted(limit, 20)).toBe(5);
    limit.runtime.advance(2_000);
    expect(await admitted(limit, 20)).toBe(2);
  });

  it.each<[string, Parameters<typeof limiter>[0], Caller, Caller, boolean]>([
    ['key', [{ per: 'key', requests: 1, window: '1m' }], ana, bob, false],
    ['user', [{ per: 'user', requests: 1, window: '1m' }], ana, { ...bob, user: 'ana' }, true],
    ['team', [{ per: 'team', requests: 1, window: '1m' }], ana, bob, true],
    [
      'project',
      [{ per: 'project', requests: 1, window: '1m' }],
      { ...ana, project: 'a' },
      { ...bob, project: 'b' },
      false,
    ],
    ['global', [{ per: 'global', requests: 1, window: '1m' }], ana, bob, true],
    [
      'user, of one without and one called anonymous',
      [{ per: 'user', requests: 1, window: '1m' }],
      { keyId: 'a' },
      { keyId: 'b', user: 'anonymous' },
      false,
    ],
    ['user, of two without', [{ per: 'user', requests: 1, window: '1m' }], { keyId: 'a' }, { keyId: 'b' }, true],
  ])('counts together per %s', async (_, limits, first, second, together) => {
    const limit = limiter(limits);
    expect(await statuses(limit, 1, { caller: first })).toEqual([200]);
    expect(await statuses(limit, 1, { caller: second })).toEqual([together ? 429 : 200]);
    expect(await statuses(limit, 1, { caller: first })).toEqual([429]);
  });

  it('counts per model, by the name the caller asks for, in any dialect', async () => {
    const limit = limiter([{ per: 'model', requests: 1, window: '1m' }]);
    expect(await statuses(limit, 2)).toEqual([200, 429]);
    expect(await statuses(limit, 2, { dialect: 'anthropic-messages', body: { ...chatBody, model: 'claude' } })).toEqual(
      [200, 429],
    );
  });

  it('counts per address, an IPv6 one by its network', async () => {
    const limit = limiter([{ per: 'ip', requests: 1, window: '1m' }]);
    expect(await statuses(limit, 1, { peer: '10.0.0.1' })).toEqual([200]);
    expect(await statuses(limit, 1, { peer: '::ffff:10.0.0.1' })).toEqual([429]);
    expect(await statuses(limit, 1, { peer: '2001:db8:1:2::1' })).toEqual([200]);
    expect(await statuses(limit, 1, { peer: '2001:db8:1:2:ffff::9' })).toEqual([429]);
    expect(await statuses(limit, 1, { peer: '2001:db8:1:3::1' })).toEqual([200]);
  });

  it('counts by a function of the app, and not where it says nothing', async () => {
    const limit = limiter([{ name: 'paths', per: (call) => call.caller.tags?.[0], requests: 1, window: '1m' }]);
    expect(await statuses(limit, 3, { caller: ana })).toEqual([200, 200, 200]);
    expect(await statuses(limit, 2, { caller: { ...ana, tags: ['trial'] } })).toEqual([200, 429]);
  });

  it('takes from all limits or from none', async () => {
    const limit = limiter([
      { per: 'key', requests: 1, window: '1m' },
      { per: 'global', requests: 10, window: '1m' },
    ]);
    expect(await admitted(limit, 8, { caller: ana })).toBe(1);
    // Seven of them were refused, and cost the others nothing.
    const others = Array.from({ length: 12 }, (_, index) => ({ keyId: `key-${index}` }));
    let passed = 0;
    for (const caller of others) passed += await admitted(limit, 1, { caller });
    expect(passed).toBe(9);
  });

  it('keeps what a key brings along, beside what holds for everybody, and apart from other keys', async () => {
    const limits: readonly LimitRule[] = [
      {
        name: 'key-requests-60s',
        per: 'key',
        measure: 'requests',
        amount: 2,
        windowMs: 60_000,
        algorithm: 'fixed-window',
        mode: 'enforce',
      },
    ];
    const limit = limiter([{ per: 'key', requests: 5, window: '1m' }]);
    expect(await admitted(limit, 9, { caller: { ...ana, limits } })).toBe(2);
    expect(await admitted(limit, 9, { caller: { ...bob, limits } })).toBe(2);
    expect(await admitted(limit, 9, { caller: { keyId: 'third' } })).toBe(5);
  });

  it('RL-19 counts the key whatever user the request names', async () => {
    const limit = limiter([
      { per: 'key', requests: 2, window: '1m' },
      { per: 'user', requests: 2, window: '1m' },
    ]);
    const codes: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      const body = { ...chatBody, user: `user-${index}`, metadata: { user_id: `user-${index}` } };
      codes.push(...(await statuses(limit, 1, { caller: ana, body, id: `request-${index}` })));
    }
    expect(codes).toEqual([200, 200, 429, 429]);
  });

  it('AU-19 without auth counts everybody as the one anonymous caller', async () => {
    const limit = limiter([{ requests: 2, window: '1m' }]);
    expect(await statuses(limit, 3)).toEqual([200, 200, 429]);
    expect(await statuses(limit, 1, { caller: { keyId: 'undefined' } })).toEqual([200]);
  });

  it('counts a request whose body cannot be read, and then says what is wrong with it', async () => {
    const limit = limiter([
      { requests: 2, window: '1m' },
      { per: 'model', requests: 9, window: '1m' },
    ]);
    const body = new Error('broken');
    expect(await statuses(limit, 3, { body })).toEqual([500, 500, 429]);
  });

  it('decides without a promise where the store is in memory and no limit needs the body', () => {
    const limit = limiter([{ requests: 1, window: '1m' }]);
    const body = new Error('The body was read.');
    const { onHead } = limit.capability;
    expect(onHead?.(limit.call({ body }))).toEqual({ kind: 'pass' });
    expect(onHead?.(limit.call({ body }))).toMatchObject({ kind: 'reject' });
  });

  it('does not read the body of what is no model call', async () => {
    const limit = limiter([
      { per: 'model', requests: 1, window: '1m' },
      { tokens: 5, window: '1m' },
      { requests: 2, window: '1m' },
    ]);
    const body = new Error('The body was read.');
    expect(await statuses(limit, 3, { body, operation: 'other' })).toEqual([200, 200, 429]);
  });

  it('shares nothing with another rateLimit', async () => {
    const [first, second] = [limiter(['1 request per day']), limiter(['1 request per day'])];
    expect(await statuses(first, 2)).toEqual([200, 429]);
    expect(await statuses(second, 2)).toEqual([200, 429]);
  });
});

describe('RL-01 a refused call', () => {
  it.each(['1,000 at once', '1,000 at once, streams'])('lets exactly the limit pass of %s', async (name) => {
    const limit = limiter([{ requests: 100, window: '1m' }]);
    const body = { ...chatBody, stream: name.endsWith('streams') };
    const sent = await Promise.all(Array.from({ length: 1_000 }, () => limit.send({ caller: ana, body })));
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(100);
    for (const { error, call } of sent.filter(({ status }) => status === 429)) {
      expect(error).toMatchObject({ type: 'rate_limit_error', code: 'rate_limit_exceeded', retryAfter: 1 });
      expect(call.replyHeaders).toMatchObject({
        'x-ratelimit-limit-requests': '100',
        'x-ratelimit-remaining-requests': '0',
        'x-ratelimit-reset-requests': '1m0s',
      });
    }
  });

  it('says what is limited, and for how long', async () => {
    const limit = limiter(['2 requests per hour']);
    await admitted(limit, 2, { caller: ana });
    limit.runtime.advance(600_000);
    const { error, call } = await limit.send({ caller: ana });
    expect(error?.message).toBe('The limit of 2 requests per hour for this API key is reached. Try again in 3000 s.');
    if (error === undefined) return;
    expect(errorReply(error, call.dialect).headers).toMatchObject({ 'retry-after': 3_000 });
  });
});

describe('RL-04 a call that waits as long as Retry-After says', () => {
  it.each([
    ['token bucket', [{ requests: 7, window: '1m' }]],
    ['fixed window', ['7 requests per minute']],
    ['token bucket of tokens', [{ tokens: 300, window: '7s' }]],
  ] as const)('passes, 20 times of 20: %s', async (_, limits) => {
    const limit = limiter([...limits]);
    for (let trial = 0; trial < 20; trial += 1) {
      limit.runtime.advance(trial * 137);
      let sent: Sent;
      do sent = await limit.send();
      while (sent.status === 200);
      const { retryAfter = 0 } = sent.error ?? {};
      expect(Number.isInteger(retryAfter) && retryAfter >= 1 && retryAfter <= 60).toBe(true);
      limit.runtime.advance(retryAfter * 1_000);
      expect(await statuses(limit, 1)).toEqual([200]);
    }
  });
});

describe('a limit in shadow', () => {
  it('refuses nobody, and reports whom it would have refused', async () => {
    const limit = limiter([
      { requests: 2, window: '1m', mode: 'shadow', name: 'planned' },
      { requests: 4, window: '1m', name: 'kept' },
    ]);
    expect(await statuses(limit, 5)).toEqual([200, 200, 200, 200, 429]);
    expect(limit.events).toMatchObject([
      { type: 'limit-exceeded-in-shadow', limit: 'planned' },
      { type: 'limit-exceeded-in-shadow', limit: 'planned' },
      { type: 'limit-exceeded-in-shadow', limit: 'planned' },
    ]);
    const shown = limiter([{ requests: 1, window: '1m', mode: 'shadow' }]);
    const [passed, marked] = [await shown.send(), await shown.send()];
    expect(passed.call.replyHeaders).toEqual({});
    expect(marked.call.replyHeaders).toEqual({ 'x-gateway-ratelimit': 'shadow' });
  });

  it('counts as if it refused', async () => {
    const limit = limiter([{ requests: 2, window: '2s', mode: 'shadow' }]);
    await admitted(limit, 50);
    limit.runtime.advance(1_000);
    const { call } = await limit.send();
    expect(call.replyHeaders).toEqual({});
  });
});
