import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemRuntime } from '../../src/core/runtime.ts';
import { sqliteBudgetStore } from '../../src/stores/sqlite/budget-store.ts';
import { until } from '../support/test-app.ts';
import { counterOf, requestOf } from './budget-conformance.ts';

describe('budgets in an SQL database', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'budgets-'));
    path = join(folder, 'budgets.db');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function count(table: string): unknown {
    const database = new DatabaseSync(path);
    const row = database.prepare(`select count(*) as rows from ${table}`).get();
    database.close();
    return row?.rows;
  }

  it('keeps what was counted when it is opened again', async () => {
    const before = sqliteBudgetStore({ path, commandTimeoutMs: 5_000 });
    const request = requestOf([counterOf()]);
    await before.reserve(request);
    await before.settle({ id: request.id, counters: request.counters, amount: 100 }, 60);
    await before.reserve(requestOf([counterOf()]));
    await before.close?.();
    const after = sqliteBudgetStore({ path, commandTimeoutMs: 5_000 });
    expect(await after.read([counterOf()])).toEqual([{ spent: 60, held: 100 }]);
    expect(await after.settle({ id: request.id, counters: request.counters, amount: 100 }, 60)).toEqual([
      { spent: 60, held: 100 },
    ]);
    await after.close?.();
  });

  it('removes now and then what nobody asks for any more', async () => {
    let now = 0;
    const runtime = { ...systemRuntime, now: () => now };
    const store = sqliteBudgetStore({ path, commandTimeoutMs: 5_000, runtime });
    const longAgo = counterOf({ expiresAt: 1 });
    await store.reserve(requestOf([longAgo], { leaseMs: 1 }));
    await store.claim({ counter: longAgo, period: 0, thresholds: [80, 99.5], expiresAt: 1 });
    const lasting = counterOf({ key: '["","lasting","user","ana"]' });
    const request = requestOf([lasting]);
    await store.reserve(request);
    await store.settle({ id: request.id, counters: [lasting], amount: 100 }, 60);
    expect([count('budget_slices'), count('budget_claims')]).toEqual([2, 2]);
    now = 61_000;
    await store.reserve(requestOf([lasting]));
    await store.read([lasting]);
    await until(() => count('budget_slices') === 1);
    expect([count('budget_slices'), count('budget_claims'), count('budget_settled')]).toEqual([1, 0, 1]);
    expect(await store.read([lasting])).toEqual([{ spent: 60, held: 100 }]);
    await store.close?.();
  });

  it('CG-23 answers within its time limit when the file is locked, takes back what came too late, and goes on', async () => {
    const store = sqliteBudgetStore({ path, commandTimeoutMs: 2_000 });
    await expect(untilReady(() => store.read([counterOf()]))).resolves.toEqual([{ spent: 0, held: 0 }]);
    const other = new DatabaseSync(path);
    other.exec('begin immediate');
    const waiting = [1, 2, 3, 4, 5].map(() => Promise.resolve(store.reserve(requestOf([counterOf()]))));
    const results = await Promise.allSettled(waiting);
    expect(results.map(({ status }) => status)).toEqual(Array(5).fill('rejected'));
    await expect(store.reserve(requestOf([counterOf()]))).rejects.toMatchObject({ name: 'BudgetDatabaseError' });
    other.exec('rollback');
    other.close();
    await expect(untilFree(() => store.read([counterOf()]))).resolves.toEqual([{ spent: 0, held: 0 }]);
    await store.close?.();
  });

  it('says why when the file cannot be opened', async () => {
    const store = sqliteBudgetStore({ path: join(folder, 'no', 'such', 'folder.db'), commandTimeoutMs: 5_000 });
    await expect(store.read([counterOf()])).rejects.toMatchObject({ name: 'BudgetDatabaseError' });
    await store.close?.();
  });
});

type States = readonly { readonly spent: number; readonly held: number }[];

/** The thread and the tables are made with the first use. */
async function untilReady(read: () => States | Promise<States>): Promise<States> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await read();
    } catch (thrown) {
      if (attempt > 100) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function untilFree(read: () => States | Promise<States>): Promise<States> {
  for (let attempt = 0; ; attempt += 1) {
    const states = await untilReady(read);
    if (states.every(({ held }) => held === 0) || attempt > 100) return states;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
