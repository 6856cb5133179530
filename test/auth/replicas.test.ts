import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { quantile } from '../../verify/harness/measure.ts';
import { wallConfig } from '../gateway/support/gateway-app.ts';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers.ts';
import { until } from '../support/test-app.ts';
import { type AdminServer, adminKey, keySecret, startAdminGateway } from './gateway-support.ts';

let wall: FakeProvider;
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());

/** A gateway that keeps its keys there: in a database, or in Redis. */
async function startReplica(url: string): Promise<AdminServer> {
  const spool = mkdtempSync(join(tmpdir(), 'spool-'));
  const replica = await startAdminGateway({
    ...wallConfig(wall),
    admin: { key: adminKey, keySecret },
    // Enough for a machine that has other things to do.
    auth: { storeTimeout: '1s' },
    ...(url.startsWith('redis:') ? { redis: { url, commandTimeout: '1s' } } : { storage: { url, spool } }),
    telemetry: { logLevel: 'error' },
  });
  // Ready when the database is: until then it says 503.
  for (let tries = 0; (await replica.admin('GET', '/admin/keys')).status !== 200 && tries < 100; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    ...replica,
    async close() {
      await replica.close();
      rmSync(spool, { recursive: true, force: true });
    },
  };
}

async function until401(replica: AdminServer, key: string): Promise<void> {
  while ((await status(replica, key)) !== 401) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function status(replica: AdminServer, key: string): Promise<number> {
  const response = await fetch(`${replica.url}/v1/models`, { headers: { 'x-api-key': key } });
  await response.arrayBuffer();
  return response.status;
}

/** Revokes 50 keys through one replica that the other one has let in a moment ago; how long each went on working there. */
async function revokeOneByOne(a: AdminServer, b: AdminServer): Promise<readonly number[]> {
  const ids = Array.from({ length: 50 }, (_, index) => `trial-${index}`);
  const keys = await Promise.all(
    ids.map(async (id) => (await a.admin('POST', '/admin/keys', { id })).body.key as string),
  );
  for (const key of keys) expect(await status(b, key)).toBe(200);
  const delays: Promise<number>[] = [];
  for (const [index, id] of ids.entries()) {
    const key = keys[index] ?? '';
    expect((await a.admin('DELETE', `/admin/keys/${id}`)).status).toBe(200);
    const revokedAt = performance.now();
    expect(await status(a, key)).toBe(401);
    delays.push(until401(b, key).then(() => performance.now() - revokedAt));
  }
  return Promise.all(delays);
}

describe('AU-07: a key revoked through one of two gateways on one SQLite file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'replicas-'));
  let replicas: readonly AdminServer[] = [];
  beforeAll(async () => {
    const url = `sqlite:${join(folder, 'gateway.db')}`;
    replicas = [await startReplica(url), await startReplica(url)];
  });
  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is refused there at once, and by the other within a second', async () => {
    const [a, b] = replicas;
    if (a === undefined || b === undefined) throw new Error('They have not started.');
    const delays = await revokeOneByOne(a, b);
    expect(delays).toHaveLength(50);
    expect(quantile(delays, 0.5)).toBeLessThan(1_000);
    expect(Math.max(...delays)).toBeLessThan(10_000);
  });
});

describeWith('PostgreSQL', 'gateways on one PostgreSQL', () => sharing(startPostgres));
describeWith('Redis', 'gateways on one Redis, without a database', () => sharing(() => startRedis({ keeps: true })));

function sharing(startServer: () => Promise<TestServer>): void {
  let database: TestServer;
  let replicas: readonly AdminServer[] = [];
  beforeAll(async () => {
    database = await startServer();
    replicas = [await startReplica(database.url), await startReplica(database.url)];
  });
  afterAll(async () => {
    for (const replica of replicas) await replica.close();
    await database.stop();
  });

  it('AU-07: refuse a key at once where it was revoked, and within a second elsewhere', async () => {
    const [a, b] = replicas;
    if (a === undefined || b === undefined) throw new Error('They have not started.');
    const delays = await revokeOneByOne(a, b);
    expect(delays).toHaveLength(50);
    expect(quantile(delays, 0.5)).toBeLessThan(1_000);
    expect(Math.max(...delays)).toBeLessThan(10_000);
  });

  it.each(['frozen', 'dead'] as const)(
    'AU-11: let known keys go on and refuse others with 503 while it is %s',
    async (how) => {
      const [a, b] = replicas;
      if (a === undefined || b === undefined) throw new Error('They have not started.');
      const made = await a.admin('POST', '/admin/keys', {});
      const key: string = made.body.key;
      expect(await status(b, key)).toBe(200);
      if (how === 'frozen') database.freeze();
      else await database.kill();
      try {
        for (let count = 0; count < 10; count += 1) {
          await new Promise((resolve) => setTimeout(resolve, 150));
          expect(await status(b, key)).toBe(200);
          const answer = await b.admin('GET', '/models', undefined, `sk-gateway-unseen-${count}-0123456789`);
          expect([answer.status, answer.body.error.code, answer.headers.get('retry-after')]).toEqual([
            503,
            'auth_unavailable',
            '1',
          ]);
        }
      } finally {
        if (how === 'frozen') database.thaw();
        else await database.start();
      }
      await until(async () => (await status(b, 'sk-gateway-unseen-0123456789')) !== 503);
      expect([await status(b, key), await status(b, 'sk-gateway-unseen-0123456789')]).toEqual([200, 401]);
    },
  );
}
