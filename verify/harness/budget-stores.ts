import type { BudgetStore } from '../../src/cost-guard/budget-store.ts';

/** A store of budgets, as it is named to a process. */
export interface BudgetStorePlan {
  readonly kind: 'memory' | 'Redis' | 'SQLite' | 'PostgreSQL';
  /** An address, or the path of a file. */
  readonly where: string;
  /** Generous by default: a crowd on a busy machine is not an outage. */
  readonly commandTimeoutMs?: number;
  /** Of Redis: the SQLite file of the ledger that counters are counted anew from. */
  readonly ledger?: string;
}

/** Loads no more than the store needs: several processes start at once. */
export async function openBudgetStore({
  kind,
  where,
  commandTimeoutMs = 10_000,
  ledger,
}: BudgetStorePlan): Promise<BudgetStore> {
  switch (kind) {
    case 'memory': {
      const { createMemoryBudgetStore } = await import('../../src/stores/memory/budget-store.ts');
      return createMemoryBudgetStore();
    }
    case 'SQLite': {
      const { sqliteBudgetStore } = await import('../../src/stores/sqlite/budget-store.ts');
      return sqliteBudgetStore({ path: where, commandTimeoutMs });
    }
    case 'PostgreSQL': {
      const { postgresBudgetStore } = await import('../../src/stores/postgres/budget-store.ts');
      return postgresBudgetStore({ url: where, commandTimeoutMs });
    }
    case 'Redis': {
      const { redisBudgetStore } = await import('../../src/stores/redis/budget-store.ts');
      const { connectRedis } = await import('../../src/stores/redis/redis-connection.ts');
      const connection = connectRedis({ url: where, commandTimeout: `${commandTimeoutMs}ms` });
      const options = ledger === undefined ? {} : { history: await historyOf(ledger) };
      return { ...redisBudgetStore(connection, options), close: () => connection.close() };
    }
  }
}

async function historyOf(path: string) {
  const { ledgerHistory } = await import('../../src/stores/redis/budget-history.ts');
  const { sqlLedgerStore } = await import('../../src/stores/sql/ledger-store.ts');
  const { openSqlite } = await import('../../src/stores/sqlite/open-sqlite.ts');
  return ledgerHistory(sqlLedgerStore(openSqlite({ path })));
}
