import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { checkLedgerInvariants } from '../support/ledger-invariants.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { until } from '../support/test-app.ts';
import {
  askOnce,
  type GatewayProcess,
  ledgerConfig,
  type SeenRequest,
  startGatewayProcess,
} from './gateway-process.ts';

let wall: FakeProvider;
let folder: string;
const running: GatewayProcess[] = [];
beforeAll(async () => {
  wall = await startFakeProvider({ tokenDelay: 2, firstTokenDelay: 5 });
});
afterAll(() => wall.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ledger-'));
});
afterEach(async () => {
  for (const gateway of running.splice(0)) await gateway.signal('SIGKILL');
  await wall.whenIdle();
  wall.reset();
  rmSync(folder, { recursive: true, force: true });
});

async function start(file = 'gateway.db'): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess(ledgerConfig(wall, `sqlite:${join(folder, file)}`));
  running.push(gateway);
  return gateway;
}

async function end(gateway: GatewayProcess, how: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  running.splice(running.indexOf(gateway), 1);
  return gateway.signal(how);
}

const journals = () => readdirSync(join(folder, 'gateway.db.spool'));

/** Eight callers who ask again and again, every second one for a stream, until they are told to stop. */
function askSteadily(urls: readonly string[]): { readonly seen: SeenRequest[]; stop(): Promise<void> } {
  const seen: SeenRequest[] = [];
  let going = true;
  const callers = Array.from({ length: 8 }, async (_, caller) => {
    for (let turn = caller; going; turn += 1) {
      const request = await askOnce(urls[caller % urls.length] ?? '', turn % 2 === 0);
      seen.push(request);
      if (!request.complete) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  });
  return {
    seen,
    async stop() {
      going = false;
      await Promise.all(callers);
    },
  };
}

describe('the ledger of processes that die', () => {
  it('CG-24: killed at random moments, loses nothing a client saw the end of, doubles nothing, and ends what was under way', async () => {
    const random = seededRandom(24);
    const seen: SeenRequest[] = [];
    for (let kill = 0; kill < 10; kill += 1) {
      const gateway = await start();
      const callers = askSteadily([gateway.url]);
      await new Promise((resolve) => setTimeout(resolve, 50 + random() * 250));
      await end(gateway, 'SIGKILL');
      await callers.stop();
      seen.push(...callers.seen);
    }
    await wall.whenIdle();
    const last = await start();
    // Its own journal is what remains.
    await until(() => journals().length === 1);
    expect(await end(last, 'SIGTERM')).toBe(0);
    expect(journals()).toEqual([]);

    const engine = openSqlite({ path: join(folder, 'gateway.db') });
    const { attempts, calls } = await checkLedgerInvariants(engine);
    await engine.close();
    const complete = seen.filter((request) => request.complete);
    expect(complete.length).toBeGreaterThan(5);
    const settled = new Set(attempts.filter(({ phase }) => phase === 'settle').map((row) => row.request_id));
    expect(complete.filter(({ id }) => !settled.has(id))).toEqual([]);
    const requests = calls.map((row) => row.request_id);
    expect(new Set(requests).size).toBe(requests.length);
    // Whatever reached the provider has an attempt that was written down before.
    expect(attempts.length).toBeGreaterThanOrEqual(wall.stats().calls);
    expect(attempts.some(({ phase }) => phase === 'crash_recovered')).toBe(true);
    expect(attempts.length).toBeLessThanOrEqual(seen.length);
  }, 180_000);

  it('LC-04: has every row of calls that ended right before SIGTERM', async () => {
    const gateway = await start();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => askOnce(gateway.url, index % 2 === 0)));
    expect(await end(gateway, 'SIGTERM')).toBe(0);
    expect(answers.every(({ complete }) => complete)).toBe(true);
    expect(journals()).toEqual([]);
    const engine = openSqlite({ path: join(folder, 'gateway.db') });
    const { attempts, calls } = await checkLedgerInvariants(engine);
    await engine.close();
    expect([attempts.length, calls.length]).toEqual([200, 200]);
    expect(new Set(calls.map((row) => row.request_id))).toEqual(new Set(answers.map(({ id }) => id)));
  });

  it('LC-07: four processes share a file, and none of them meets a busy database', async () => {
    const gateways = await Promise.all([start(), start(), start(), start()]);
    const callers = askSteadily(gateways.map(({ url }) => url));
    await until(() => callers.seen.length >= 400);
    await callers.stop();
    expect(callers.seen.filter(({ complete }) => !complete)).toEqual([]);
    expect(await Promise.all(gateways.map((gateway) => end(gateway, 'SIGTERM')))).toEqual([0, 0, 0, 0]);
    expect(gateways.flatMap(({ complaints }) => complaints).filter((line) => !line.includes('No API keys'))).toEqual(
      [],
    );
    const engine = openSqlite({ path: join(folder, 'gateway.db') });
    const { calls } = await checkLedgerInvariants(engine);
    await engine.close();
    expect(calls).toHaveLength(callers.seen.length);
  });
});
