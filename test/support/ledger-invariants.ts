import { existsSync } from 'node:fs';
import type { SqlEngine } from '../../src/stores/sql/engine.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { replayJournals } from '../../src/usage/replay-journals.ts';
import { auditLedger, type LedgerAudit } from '../../verify/harness/ledger-audit.ts';
import { expectAll } from '../resilience/support.ts';

/** Reads a ledger in which nothing is under way: its rows fit together. */
export async function checkLedgerInvariants(engine: SqlEngine): Promise<LedgerAudit> {
  const audit = await auditLedger(engine);
  expectAll(audit.measures);
  return audit;
}

/**
 * The same of a database file that no process has open any more, if there is one: for after every test in which a gateway
 * kept its usage there. What a gateway could not write in time is in its journal.
 */
export async function checkLedgerFile(path: string): Promise<void> {
  if (!existsSync(path)) return;
  const engine = openSqlite({ path });
  await replayJournals({ folder: `${path}.spool`, store: sqlLedgerStore(engine), now: Date.now() });
  await checkLedgerInvariants(engine);
  await engine.close();
}
