import type { SqlEngine } from '../../src/stores/sql/engine.ts';
import { auditLedger, type LedgerAudit } from '../../verify/harness/ledger-audit.ts';
import { expectAll } from '../resilience/support.ts';

/** Reads a ledger in which nothing is under way: its rows fit together. */
export async function checkLedgerInvariants(engine: SqlEngine): Promise<LedgerAudit> {
  const audit = await auditLedger(engine);
  expectAll(audit.measures);
  return audit;
}
