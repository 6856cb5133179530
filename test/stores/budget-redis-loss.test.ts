import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { createClient } from '@redis/client';
import type { BudgetCounter, SpendingHistory } from '../../src/cost-guard/budget-store.ts';
import { type RedisBudgetOptions, redisBudgetStore } from '../../src/stores/redis/budget-store.ts';
import { connectRedis, type RedisConnection } from '../../src/stores/redis/redis-connection.ts';
import { ample } from '../support/ample.ts';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';
import { counterOf, requestOf } from './budget-conformance.ts';

describeWith('Redis', 'budgets that Redis has lost', () => {
  let server: TestServer;
  const connections: RedisConnection[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterEach(async () => {
    for (const connection of connections.splice(0)) await connection.close();
    await server.restartEmpty();
  });
  afterAll(() => server.stop());

  function open(options: RedisBudgetOptions = {}) {
    const connection = connectRedis({ url: server.url, commandTimeout: '2s' });
    connections.push(connection);
    return redisBudgetStore(connection, options);
  }

  async function spend(store: ReturnType<typeof open>, counter: BudgetCounter): Promise<void> {
    const request = requestOf([counter]);
    await patient(() => store.reserve(request));
    await store.settle({ id: request.id, counters: [counter], amount: 100 }, 100);
  }

  const newClient = () => createClient({ url: server.url });

  async function withClient<Result>(use: (client: ReturnType<typeof newClient>) => Promise<Result>): Promise<Result> {
    const client = newClient();
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.close();
    }
  }

  it('CG-26 refuses every process, without a ledger, once one of them remembers', async () => {
    const [store, other] = [open(), open()];
    await spend(store, counterOf());
    await server.restartEmpty();
    await expect(
      patient(() => store.renew([{ ...requestOf([counterOf()]), amount: 1 }], 1_000)),
    ).resolves.toBeUndefined();
    await expect(store.reserve(requestOf([counterOf()]))).rejects.toMatchObject({ name: 'RedisUnavailableError' });
    await expect(store.read([counterOf()])).rejects.toThrow('lost');
    await expect(patient(() => other.reserve(requestOf([counterOf()])))).rejects.toThrow('lost');
    await expect(open().reserve(requestOf([counterOf()]))).rejects.toThrow('lost');
  });

  it('counts periods that begin after the loss', async () => {
    const store = open();
    await spend(store, counterOf());
    await server.restartEmpty();
    const soon = Date.now() + 120_000;
    const next = counterOf({ since: soon, slice: soon });
    await expect(patient(() => store.reserve(requestOf([next])))).resolves.toMatchObject({ kind: 'reserved' });
    await expect(store.reserve(requestOf([counterOf()]))).rejects.toThrow('lost');
  });

  it('starts at zero where that was asked for', async () => {
    const store = open({ afterLoss: 'start-at-zero' });
    await spend(store, counterOf());
    await server.restartEmpty();
    const nothing = [{ spent: 0, held: 0 }];
    await expect(patient(async () => store.read([counterOf()]))).resolves.toEqual(nothing);
  });

  it('notices a Redis that has come back with an older state', async () => {
    const store = open();
    await spend(store, counterOf());
    const keys = await withClient(async (client) => {
      const all = await client.keys('*');
      for (const key of all) await client.copy(key, `kept${key}`);
      return all;
    });
    await spend(store, counterOf());
    await withClient(async (client) => {
      for (const key of keys) await client.copy(`kept${key}`, key, { REPLACE: true });
    });
    await expect(store.reserve(requestOf([counterOf()]))).rejects.toThrow('lost');
  });

  it('asks the history once for a counter, and adds what has been settled since the loss', async () => {
    const asked: number[] = [];
    const history: SpendingHistory = {
      async spentSince(_, since) {
        asked.push(since);
        return 400;
      },
    };
    const store = open({ history, settleDownMs: 0 });
    const counter = counterOf({ limit: 1_000 });
    await spend(store, counter);
    asked.length = 0;
    await server.restartEmpty();
    await patient(() => store.settle({ id: 'under-way', counters: [counter], amount: 100 }, 70));
    const states = await Promise.all([store.read([counter]), store.read([counter]), store.read([counter])]);
    expect(states).toEqual(Array.from({ length: 3 }, () => [{ spent: 470, held: 0 }]));
    expect(asked).toEqual([counter.since]);
  });

  it('tells pieces of a rolling period apart, so that old spending ceases to count', async () => {
    const hour = 3_600_000;
    const now = Math.floor(Date.now() / hour) * hour;
    // 10 in each hour.
    const history: SpendingHistory = { spentSince: async (_, since) => Math.ceil((now - since) / hour) * 10 };
    const store = open({ history, settleDownMs: 0 });
    const rolling = (slice: number) =>
      counterOf({ since: slice - 24 * hour, slice, expiresAt: slice + 48 * hour, limit: 10_000 });
    const [first] = await store.read([rolling(now)]);
    const [later] = await store.read([rolling(now + 12 * hour)]);
    expect(first).toEqual({ spent: 240, held: 0 });
    expect(later?.spent).toBeGreaterThanOrEqual(120);
    expect(later?.spent).toBeLessThanOrEqual(160);
  });

  it('waits with counting anew while calls may still be settling', async () => {
    const history: SpendingHistory = { spentSince: async () => 400 };
    const store = open({ history, settleDownMs: 1_000 });
    await expect(store.reserve(requestOf([counterOf()]))).rejects.toThrow('counted anew');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await expect(store.reserve(requestOf([counterOf()]))).resolves.toMatchObject({ kind: 'reserved' });
  });

  it('admits at once where nothing has ever been spent', async () => {
    const store = open({ history: { spentSince: async () => 0 } });
    await expect(store.reserve(requestOf([counterOf()]))).resolves.toMatchObject({ kind: 'reserved' });
  });

  it('is unavailable while the history is', async () => {
    const history: SpendingHistory = { spentSince: () => Promise.reject(new Error('The ledger is away.')) };
    await expect(open({ history }).reserve(requestOf([counterOf()]))).rejects.toThrow('The ledger is away.');
    const silent: SpendingHistory = { spentSince: () => new Promise(() => {}) };
    await expect(open({ history: silent }).reserve(requestOf([counterOf()]))).rejects.toThrow('counted anew');
  });

  it('CG-23 says at once that it is unavailable while Redis is gone', async () => {
    const store = open();
    await spend(store, counterOf());
    await server.kill();
    const began = performance.now();
    await expect(store.reserve(requestOf([counterOf()]))).rejects.toMatchObject({ name: 'RedisUnavailableError' });
    expect(performance.now() - began).toBeLessThan(ample);
  });

  it('lets every key but the epoch expire, and forgets slices that are over', async () => {
    const store = open();
    const now = Date.now();
    for (let step = 0; step < 30; step += 1) {
      const slice = now - 1_000_000 + step;
      await spend(store, counterOf({ since: slice, slice, expiresAt: now - 500_000 }));
    }
    await store.claim({ counter: counterOf(), period: 0, thresholds: [80], expiresAt: now + 1_000 });
    await withClient(async (client) => {
      const keys = await client.keys('*');
      const lasting: string[] = [];
      for (const key of keys) if ((await client.pTTL(key)) < 0) lasting.push(key);
      expect(lasting).toEqual(['{aigw}:budget:epoch']);
      const slices = keys.find((key) => key.includes(':slices:')) ?? '';
      expect(await client.zCard(slices)).toBeLessThanOrEqual(3);
    });
  });
});

/** Asks again while the connection is being made anew. */
async function patient<Result>(ask: () => Result | Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await ask();
    } catch (thrown) {
      if (attempt > 100 || String(thrown).includes('lost')) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }
}
