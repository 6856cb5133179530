import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { GatewayConfig } from '../../src/index.ts';
import { openPostgres } from '../../src/stores/postgres/open-postgres.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { ledgerConfig } from '../../verify/harness/ledger-site.ts';
import { checkLedgerInvariants } from '../support/ledger-invariants.ts';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers.ts';
import { chat, until } from '../support/test-app.ts';
import { type GatewayServer, get, question, startGateway } from './support/gateway-app.ts';

/** Room for a machine on which two databases start beside other tests. */
const patience = 60_000;

describeWith('Redis', 'a gateway whose stores are away', () => {
  describeWith('PostgreSQL', 'both of them', () => {
    let wall: FakeProvider;
    let redis: TestServer;
    let postgres: TestServer;
    let folder: string;
    const running: GatewayServer[] = [];

    beforeAll(async () => {
      [wall, redis, postgres] = await Promise.all([startFakeProvider(), startRedis(), startPostgres()]);
    }, patience);
    afterAll(async () => {
      await Promise.all([wall.close(), redis.stop(), postgres.stop()]);
    });
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'stores-'));
    });
    afterEach(async () => {
      await attemptsKept();
      await wall.whenIdle();
      wall.reset();
      rmSync(folder, { recursive: true, force: true });
    });

    async function start(name: string, part: GatewayConfig): Promise<GatewayServer> {
      const server = await startGateway({
        config: {
          ...ledgerConfig({ storage: { url: postgres.url } }, wall),
          storage: { url: postgres.url, spool: join(folder, name) },
          redis: { url: redis.url, prefix: name },
          ...part,
        },
      });
      running.push(server);
      return server;
    }

    /** Closes the gateways and looks at what they have written. */
    async function attemptsKept(): Promise<number> {
      for (const server of running.splice(0)) await server.close();
      const database = openPostgres({ url: postgres.url });
      const { attempts } = await checkLedgerInvariants(database);
      await database.close();
      return attempts.length;
    }

    const ask = ({ url }: GatewayServer) => chat(url, { model: 'openai/demo-small', max_tokens: 50, ...question });
    const usage = async ({ url }: GatewayServer) => {
      const { status, headers, text } = await get(`${url}/v1/usage`);
      return { status, headers, body: JSON.parse(text) };
    };

    it(
      'LC-05: starts without Redis and PostgreSQL, does by each policy what can be done, and needs no restart',
      async () => {
        await Promise.all([redis.kill(), postgres.kill()]);
        const limited = await start('limited', { rateLimit: { limits: ['1000 requests per hour'] } });
        const guarded = await start('guarded', { budgets: { list: [{ per: 'global', limit: 1, period: 'day' }] } });

        const served = await ask(limited);
        expect([served.status, served.headers.get('x-gateway-ratelimit')]).toEqual([200, 'degraded']);
        const refused = await ask(guarded);
        expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, 'budget_unavailable']);
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        const untold = await usage(limited);
        expect([untold.status, untold.body.error.code]).toEqual([503, 'ledger_unavailable']);
        expect(wall.calls).toHaveLength(1);

        await Promise.all([redis.start(), postgres.start()]);
        await until(async () => (await ask(guarded)).status === 200, patience);
        await until(async () => (await ask(limited)).headers.get('x-gateway-ratelimit') === null, patience);
        await until(async () => (await usage(limited)).status === 200, patience);
        // What was served meanwhile is not forgotten: it waited in the journal.
        expect(await attemptsKept()).toBe(wall.calls.length);
      },
      2 * patience,
    );

    it(
      'TE-09: GET /usage is 503 while the database is away, never zeros, and the same sums afterwards',
      async () => {
        const gateway = await start('reader', {});
        for (const model of ['demo-small', 'e500', 'demo-small+cut(2)']) {
          await chat(gateway.url, { model: `openai/${model}`, stream: true, ...question });
        }
        await until(() => gateway.lines.filter(({ message }) => message === 'call').length === 3);
        const before = await usage(gateway);
        expect(before.body.total.requests).toBeGreaterThanOrEqual(3);
        await postgres.kill();
        for (let again = 0; again < 3; again += 1) {
          const { status, headers, body } = await usage(gateway);
          expect([status, body.error?.code, body.total]).toEqual([503, 'ledger_unavailable', undefined]);
          expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
        }
        await postgres.start();
        await until(async () => (await usage(gateway)).status === 200, patience);
        expect((await usage(gateway)).body.total).toEqual(before.body.total);
      },
      2 * patience,
    );
  });
});
