import { sql } from 'kysely';
import type { Runtime } from '../../core/runtime.ts';
import type { BudgetStore } from '../../cost-guard/budget-store.ts';
import { sqlBudgetStore } from '../sql/budget-store.ts';
import { openPostgres } from './open-postgres.ts';

/** What `postgresBudgetStore` takes. */
export interface PostgresBudgetSettings {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** Milliseconds a call waits for an answer; a disk may take longer than a network. @default 500 */
  readonly commandTimeoutMs?: number;
  readonly runtime?: Runtime;
}

/** Longer than any call waits: what takes longer hangs. */
const statementTimeoutMs = 2_000;

/** Budgets in PostgreSQL, shared by all processes that use the database. */
export function postgresBudgetStore({ url, commandTimeoutMs = 500, runtime }: PostgresBudgetSettings): BudgetStore {
  const engine = openPostgres({ url, connections: 2, connectTimeoutMs: 1_000, statementTimeoutMs });
  return sqlBudgetStore(
    {
      ...engine,
      // Locks of numbers made of the keys: counters nobody has used yet have no rows. Taken in one order, so that nobody
      // waits for somebody who waits: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
      async lockCounters(transaction, keys) {
        await sql`
          select pg_advisory_xact_lock(number) from (
            select distinct hashtextextended(key, 0) as number
            from json_array_elements_text(${JSON.stringify(keys)}::json) as list(key) order by number
          ) as numbers`.execute(transaction);
      },
      now: sql`(extract(epoch from clock_timestamp()) * 1000)::bigint`,
      pairs: (json) =>
        sql`select pair ->> 0 as a, pair ->> 1 as b from json_array_elements(${json}::json) as list(pair)`,
    },
    { commandTimeoutMs, ...(runtime === undefined ? {} : { runtime }) },
  );
}
