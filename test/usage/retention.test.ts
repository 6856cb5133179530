import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { memoryLedgerStore } from '../../src/stores/memory/ledger-store.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { createLedger, type LedgerStore } from '../../src/usage/index.ts';
import { manualRuntime } from '../support/manual-runtime.ts';
import { until } from '../support/test-app.ts';
import { attemptEntry, callEntry, totalOf } from './support.ts';

const day = 86_400_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retention-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Ten days old, with an attempt each. */
async function fill(store: LedgerStore, calls: number): Promise<void> {
  const at = Date.now() - 10 * day;
  for (let start = 0; start < calls; start += 1_000) {
    const ids = Array.from({ length: Math.min(1_000, calls - start) }, (_, index) => `old-${start + index}`);
    await store.write(
      ids.flatMap((id) => [
        attemptEntry({ attemptId: `${id}-1`, reservedAt: at, at }),
        callEntry({ callId: id, createdAt: at, endedAt: at }),
      ]),
    );
  }
}

describe('TE-13: forgetting what is too old', () => {
  it('goes in batches, between which calls are written and reports are read', async () => {
    const store = sqlLedgerStore(openSqlite({ path: join(folder, 'ledger.db') }));
    await fill(store, 6_000);
    const batches: number[] = [];
    let turns = 0;
    const turn = (): void => {
      turns += 1;
      clock = setImmediate(turn);
    };
    let clock = setImmediate(turn);
    const reported: bigint[] = [];
    const watched: LedgerStore = {
      ...store,
      async prune(before, most) {
        const forgotten = await store.prune(before, most);
        await store.write([callEntry({ callId: `new-${batches.length}`, endedAt: Date.now() })]);
        reported.push((await totalOf(store)).requests);
        batches.push(forgotten);
        return forgotten;
      },
    };
    const ledger = createLedger({ store: watched, retentionDays: 2 });
    await until(() => batches.at(-1) === 0);
    clearImmediate(clock);
    // A line of each kind, and the sums of a quarter of an hour and of a day.
    expect(Math.max(...batches)).toBeLessThanOrEqual(2 * 1_000 + 2);
    expect(batches.length).toBeGreaterThan(6);
    // The process goes on meanwhile: without pauses there would be no turn at all.
    expect(turns).toBeGreaterThan(batches.length);
    // The old sums went with the first batch.
    expect(reported).toEqual(batches.map((_, index) => BigInt(index + 1)));
    await ledger.close();
  });

  it('stops when the ledger is closed, however much there is', async () => {
    let batches = 0;
    let closed = 0;
    const endless: LedgerStore = {
      ...memoryLedgerStore(),
      async prune() {
        batches += 1;
        await new Promise((resolve) => setImmediate(resolve));
        return 1_000;
      },
      async close() {
        closed = batches;
      },
    };
    const ledger = createLedger({ store: endless, retentionDays: 1 });
    await until(() => batches > 3);
    await ledger.close();
    expect(closed).toBeGreaterThan(3);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(batches).toBe(closed);
  });

  it('is done again every hour, also when the store was away', async () => {
    const runtime = manualRuntime({ startWallTime: 100 * day });
    const asked: (readonly [before: number, most: number])[] = [];
    const store: LedgerStore = {
      ...memoryLedgerStore(),
      async prune(before, most) {
        asked.push([before, most]);
        if (asked.length === 2) throw new Error('away');
        return 0;
      },
    };
    const ledger = createLedger({ store, retentionDays: 30 }, runtime);
    for (let hour = 1; hour <= 3; hour += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(asked).toHaveLength(hour);
      runtime.advance(3_600_000);
    }
    expect(asked.map(([before]) => before)).toEqual([0, 1, 2, 3].map(() => 70 * day));
    expect(new Set(asked.map(([, most]) => most))).toEqual(new Set([1_000]));
    await ledger.close();
  });
});
