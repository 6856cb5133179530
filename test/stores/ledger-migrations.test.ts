import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { openPostgres } from '../../src/stores/postgres/open-postgres.ts';
import type { SqlEngine } from '../../src/stores/sql/engine.ts';
import { ledgerMigrations } from '../../src/stores/sql/ledger-migrations.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { migrate } from '../../src/stores/sql/migrate.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import type { LedgerEntry } from '../../src/usage/ledger.ts';
import { checkLedgerInvariants } from '../support/ledger-invariants.ts';
import { describeWith, startPostgres, type TestServer } from '../support/servers.ts';
import { attemptEntry, callEntry, totalOf } from '../usage/support.ts';

const entries: readonly LedgerEntry[] = Array.from({ length: 60 }, (_, index) => [
  attemptEntry({
    attemptId: `w-${index}-1`,
    user: index % 3 === 0 ? null : `user-${index % 5}`,
    status: index % 7 === 0 ? 'upstream_error' : 'ok',
    fault: index % 7 === 0 ? 'model_not_found' : null,
    costNanoUsd: index % 4 === 0 ? null : index,
    phase: index % 11 === 0 ? 'crash_recovered' : 'settle',
    at: Date.UTC(2026, 2, 1) + index * 400_000,
  }),
  callEntry({
    callId: `w-${index}`,
    status: ['ok', 'rejected', 'cache_hit', 'timeout'][index % 4] ?? 'ok',
    errorCode: index % 5 === 0 ? 'model_not_found' : null,
    latencyMs: index % 6 === 0 ? null : index,
    firstOutputMs: index % 2 === 0 ? null : index,
    endedAt: Date.UTC(2026, 2, 1) + index * 400_000,
  }),
]).flat();

/** As a version left it that kept no sums. */
async function forgetSums({ db }: SqlEngine): Promise<void> {
  await sql`drop table usage_cells`.execute(db);
  await sql`drop table usage_days`.execute(db);
  await sql`delete from gateway_migrations where name in ('ledger-2-usage-cells', 'ledger-3-usage-days')`.execute(db);
}

/** Two users of one database that is empty, or of an earlier version. */
function migrations(open: () => SqlEngine): void {
  it('LC-15: of two that start at once on an empty database, one migrates', async () => {
    const engines = [open(), open()];
    const taken = await Promise.all(engines.map((engine) => migrate(engine, ledgerMigrations)));
    expect(taken.map((names) => names.length).sort()).toEqual([0, ledgerMigrations.length]);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('LC-15: sums are the same before and after an upgrade from the previous schema', async () => {
    const engine = open();
    await forgetSums(engine);
    const fresh = sqlLedgerStore(openSqlite({ path: ':memory:' }));
    await fresh.write(entries);
    const expected = await totalOf(fresh);
    await fresh.close();

    // The rows alone, as the earlier version wrote them.
    await migrate(engine, ledgerMigrations);
    const store = sqlLedgerStore(engine);
    await store.write(entries);
    await forgetSums(engine);
    expect(await migrate(engine, ledgerMigrations)).toEqual(['ledger-2-usage-cells', 'ledger-3-usage-days']);
    expect(await totalOf(store)).toEqual(expected);
    await checkLedgerInvariants(engine);
    await store.close();
  });
}

describe('migrations on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  migrations(() => openSqlite({ path: join(folder, 'gateway.db') }));
});

describeWith('PostgreSQL', 'migrations on PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());
  migrations(() => openPostgres({ url: server.url }));
});
