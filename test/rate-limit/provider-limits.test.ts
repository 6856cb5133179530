import { describe, expect, it } from '@jest/globals';
import type { Call } from '../../src/core/call.ts';
import type { Candidate } from '../../src/core/capability.ts';
import type { AttemptRecord } from '../../src/core/settlement.ts';
import { chatBody, type Limiter, limiter, type Sent } from './support.ts';

const candidates: readonly Candidate[] = [
  { provider: 'openai', model: 'gpt-4o' },
  { provider: 'openai', model: 'gpt-4o-mini' },
  { provider: 'anthropic', model: 'claude' },
];

function plan(limit: Limiter, call: Call) {
  const planned = limit.capability.onPlan?.(call, candidates);
  return { providers: planned?.candidates.map(({ provider }) => provider), skipped: planned?.skipped ?? [] };
}

/** Makes an attempt at a provider and ends it. */
function attempt(limit: Limiter, call: Call, fields: Partial<AttemptRecord> & Pick<AttemptRecord, 'provider'>) {
  const number = call.attempts.length + 1;
  const record: AttemptRecord = { id: `${call.id}-${number}`, number, model: 'm', startedAt: 0, ...fields };
  call.attempts.push(record);
  limit.capability.onAttempt?.(call, record);
  return () => limit.capability.onAttemptSettled?.(call, record);
}

async function planned(limit: Limiter): Promise<Sent & ReturnType<typeof plan>> {
  const sent = await limit.send();
  return { ...sent, ...plan(limit, sent.call) };
}

describe('a limit per provider', () => {
  it('skips a provider without room, with the reason and when to come back', async () => {
    const limit = limiter([{ per: 'provider', requests: 2, window: '1m' }]);
    for (let index = 0; index < 2; index += 1) {
      const { call, providers, end } = await planned(limit);
      expect(providers).toEqual(['openai', 'openai', 'anthropic']);
      attempt(limit, call, { provider: 'openai', status: 'ok' })();
      end();
    }
    const third = await planned(limit);
    expect(third.providers).toEqual(['anthropic']);
    expect(third.skipped).toMatchObject([
      {
        candidate: { model: 'gpt-4o' },
        reason: 'rate limit of the provider',
        error: { code: 'rate_limit_exceeded', retryAfter: 30 },
      },
      { candidate: { model: 'gpt-4o-mini' } },
    ]);
    limit.runtime.advance(30_000);
    expect((await planned(limit)).providers).toEqual(['openai', 'openai', 'anthropic']);
  });

  it('does not let calls that are planned together find the same room', async () => {
    const limit = limiter([{ per: 'provider', requests: 3, window: '1m' }]);
    const all = await Promise.all(Array.from({ length: 10 }, () => planned(limit)));
    expect(all.filter(({ providers }) => providers?.[0] === 'openai')).toHaveLength(3);
    expect(all.filter(({ providers }) => providers?.[0] === 'anthropic')).toHaveLength(3);
    expect(all.filter(({ providers }) => providers?.length === 0)).toHaveLength(4);
  });

  it('gives back what was set aside for a provider that was not asked', async () => {
    const limit = limiter([{ per: 'provider', concurrent: 1 }]);
    const first = await planned(limit);
    expect(first.providers).toEqual(['openai', 'openai', 'anthropic']);
    expect((await planned(limit)).providers).toEqual(['anthropic']);
    first.end({ status: 'rejected', httpStatus: 400 });
    expect((await planned(limit)).providers?.[0]).toBe('openai');
  });

  it('counts attempts nobody planned with, such as a second try', async () => {
    const limit = limiter([{ per: 'provider', requests: 3, window: '1m' }]);
    const { call, end } = await planned(limit);
    for (let index = 0; index < 4; index += 1) attempt(limit, call, { provider: 'openai', status: 'upstream_error' })();
    end();
    const { skipped } = await planned(limit);
    expect(skipped[0]?.error.retryAfter).toBe(40);
  });

  it('counts no attempt that was never sent', async () => {
    const limit = limiter([{ per: 'provider', requests: 1, window: '1m' }]);
    const { call, end } = await planned(limit);
    attempt(limit, call, { provider: 'openai', status: 'not_sent' })();
    end();
    expect((await planned(limit)).providers?.[0]).toBe('openai');
  });

  it('settles tokens to what each attempt has used, and frees its slot', async () => {
    const limit = limiter([
      { per: 'provider', tokens: 100, window: '366d' },
      { per: 'provider', concurrent: 1 },
    ]);
    const { call } = await limit.send({ body: { ...chatBody, max_tokens: 90 } });
    plan(limit, call);
    const settle = attempt(limit, call, {
      provider: 'openai',
      status: 'ok',
      usage: { inputTokens: 10, outputTokens: 20 },
    });
    expect((await planned(limit)).providers?.[0]).toBe('anthropic');
    settle();
    const next = await limit.send({ body: { ...chatBody, max_tokens: 60 } });
    expect(plan(limit, next.call).providers?.[0]).toBe('openai');
  });

  it('keeps its share of what several processes have together', async () => {
    const limit = limiter({ limits: [{ per: 'provider', requests: 8, window: '1h' }], replicas: 4 });
    let passed = 0;
    for (let index = 0; index < 5; index += 1) if ((await planned(limit)).providers?.includes('openai')) passed += 1;
    expect(passed).toBe(2);
  });
});
