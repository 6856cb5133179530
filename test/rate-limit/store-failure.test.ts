import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayEvent } from '../../src/core/events.ts';
import { runGate } from '../../src/core/gate.ts';
import { systemRuntime } from '../../src/core/runtime.ts';
import { createRateLimit, type RateLimitOptions } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { connectRedis, redisLimitStore } from '../../src/stores/redis/index.ts';
import { quantile } from '../../verify/harness/measure.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';
import { limiter } from './support.ts';

/** A limiter on a Redis at this address, and how long each decision takes. */
function onRedis(url: string, options: Partial<RateLimitOptions> = {}) {
  const connection = connectRedis({ url, prefix: 'failing' });
  const events: GatewayEvent[] = [];
  const capability = createRateLimit(
    {
      store: redisLimitStore(connection),
      limits: [{ requests: 100, window: '1h', burst: 40 }],
      replicas: 4,
      onEvent: (event) => void events.push(event),
      ...options,
    },
    { local: memoryLimitStore(), runtime: systemRuntime },
  );
  const calls = limiter([], { runtime: manualRuntime() });
  return {
    events,
    close: () => connection.close(),
    async send() {
      const call = calls.call();
      const startedAt = performance.now();
      const decision = await runGate(call, capability);
      return { call, decision, took: performance.now() - startedAt };
    },
  };
}

describe('RL-08 a Redis that refuses connections', () => {
  it('stops nobody, and each process keeps its share of the limits', async () => {
    const limit = onRedis('redis://127.0.0.1:1');
    let passed = 0;
    for (let index = 0; index < 15; index += 1) {
      const { call, decision } = await limit.send();
      expect(call.replyHeaders).toMatchObject({ 'x-gateway-ratelimit': 'degraded' });
      if (decision.kind === 'pass') passed += 1;
      else {
        expect(decision).toMatchObject({ error: { code: 'rate_limit_exceeded', retryAfter: expect.any(Number) } });
      }
    }
    expect(passed).toBe(10);
    expect(limit.events).toHaveLength(15);
    expect(limit.events[0]).toEqual({ type: 'limit-store-failed', reason: 'RedisUnavailableError' });
    await limit.close();
  });

  it('lets everybody pass where the operator chose so', async () => {
    const limit = onRedis('redis://127.0.0.1:1', { whenStoreFails: 'allow' });
    for (let index = 0; index < 50; index += 1) expect((await limit.send()).decision.kind).toBe('pass');
    await limit.close();
  });

  it('is answered with 503 where the operator chose so', async () => {
    const limit = onRedis('redis://127.0.0.1:1', { whenStoreFails: 'refuse' });
    expect((await limit.send()).decision).toMatchObject({
      error: { status: 503, code: 'limits_unavailable', retryAfter: 1 },
    });
    await limit.close();
  });

  it('keeps slots and tokens of the calls it let pass, and gives them back', async () => {
    const failing = { take: () => Promise.reject(new Error('down')), settle: () => {}, renew: () => {} };
    const limit = limiter({
      store: failing,
      replicas: 2,
      limits: [{ concurrent: 4 }, { tokens: 1_000, window: '1h' }],
    });
    const [first, second, third] = [await limit.send(), await limit.send(), await limit.send()];
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    first.end();
    expect((await limit.send()).status).toBe(200);
  });
});

describeWith('Redis', 'RL-09 a Redis that hangs', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => {
    await server.stop();
  });

  it('costs the first five the time limit of a command, then nobody anything, and is used again when it goes on', async () => {
    const limit = onRedis(server.url);
    expect((await limit.send()).call.replyHeaders).not.toHaveProperty('x-gateway-ratelimit');
    server.freeze();
    const waited: number[] = [];
    for (let index = 0; index < 5; index += 1) waited.push((await limit.send()).took);
    const after: number[] = [];
    for (let index = 0; index < 100; index += 1) {
      const { call, took } = await limit.send();
      after.push(took);
      expect(call.replyHeaders).toMatchObject({ 'x-gateway-ratelimit': 'degraded' });
    }
    // Milliseconds are for `npm run verify -- redis-outage`; here, that nobody waits as the first had to.
    expect(quantile(after, 0.5)).toBeLessThan(quantile(waited, 0.5) / 5);
    server.thaw();
    let degraded = true;
    for (let trial = 0; trial < 100 && degraded; trial += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      degraded = (await limit.send()).call.replyHeaders?.['x-gateway-ratelimit'] === 'degraded';
    }
    expect(degraded).toBe(false);
    await limit.close();
  });

  it('gives back what it took when nobody waited any more', async () => {
    const connection = connectRedis({ url: server.url, prefix: 'late' });
    const store = redisLimitStore(connection);
    const counter = {
      key: 'k',
      group: 'g',
      shape: { kind: 'concurrent', limit: 3 },
      amount: 1,
      shadow: false,
    } as const;
    await store.take({ id: 'first', draws: [counter], leaseMs: 60_000 });
    server.freeze();
    await expect(Promise.resolve(store.take({ id: 'late', draws: [counter], leaseMs: 60_000 }))).rejects.toThrow(
      '200 ms',
    );
    server.thaw();
    let remaining = 0;
    for (let trial = 0; trial < 100 && remaining === 0; trial += 1) {
      const id = `probe-${trial}`;
      const state = await Promise.resolve(store.take({ id, draws: [counter], leaseMs: 60_000 })).then(
        ({ states }) => states[0],
        () => undefined,
      );
      remaining = state?.remaining ?? 0;
      if (state !== undefined) await store.settle(id, [{ ...counter, unused: 0, windowEnd: 0 }]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // Of three slots the first call has one, and the probe.
    expect(remaining).toBe(1);
    await connection.close();
  });
});
