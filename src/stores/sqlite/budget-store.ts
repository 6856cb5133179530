import { sql } from 'kysely';
import type { Runtime } from '../../core/runtime.ts';
import type { BudgetStore } from '../../cost-guard/budget-store.ts';
import { sqlBudgetStore } from '../sql/budget-store.ts';
import { openSqlite } from './open-sqlite.ts';

/** What `sqliteBudgetStore` takes. */
export interface SqliteBudgetSettings {
  /** A file, which is made when it is not there; the processes of one machine may share it. */
  readonly path: string;
  /** Milliseconds a call waits for an answer; a disk may take longer than a network. @default 500 */
  readonly commandTimeoutMs?: number;
  readonly runtime?: Runtime;
}

/** Budgets in an SQLite file, on a connection of its own: what else is written to the file holds up no call. */
export function sqliteBudgetStore({ path, commandTimeoutMs = 500, runtime }: SqliteBudgetSettings): BudgetStore {
  const engine = openSqlite({ path, ...(runtime === undefined ? {} : { runtime }) });
  return sqlBudgetStore(
    {
      ...engine,
      // A transaction has locked the whole file.
      lockCounters: async () => {},
      now: sql`cast(unixepoch('subsec') * 1000 as integer)`,
      pairs: (json) => sql`select value ->> 0 as a, value ->> 1 as b from json_each(${json})`,
    },
    { commandTimeoutMs, ...(runtime === undefined ? {} : { runtime }) },
  );
}
