import { sql } from 'kysely';
import { patience } from '../../core/patience.ts';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type { BudgetCounter, BudgetStore, CounterState, Reservation } from '../../cost-guard/budget-store.ts';
import { CircuitBreaker } from '../circuit-breaker.ts';
import { budgetMigrations } from './budget-migrations.ts';
import { BudgetQueue } from './budget-queue.ts';
import { type BudgetEngine, claimsTable, pruneBudgets } from './budget-rows.ts';
import type { BudgetSheet } from './budget-sheet.ts';
import { migrateOnce } from './migrate.ts';

export interface SqlBudgetSettings {
  /** Milliseconds a call waits for an answer. */
  readonly commandTimeoutMs: number;
  readonly runtime?: Runtime;
}

/** The database does not answer now: it cannot be reached, is too slow, or has refused. */
export class BudgetDatabaseError extends Error {
  override readonly name = 'BudgetDatabaseError';
}

/** Milliseconds between two times old rows are removed. */
const pruneEveryMs = 60_000;
const renewalsAtOnce = 200;

/** Budgets in an SQL database. The schema is made, or brought up to date, when it is first used. */
export function sqlBudgetStore(engine: BudgetEngine, settings: SqlBudgetSettings): BudgetStore {
  const { commandTimeoutMs, runtime = systemRuntime } = settings;
  const ready = migrateOnce(engine, budgetMigrations);
  const queue = new BudgetQueue(engine, ready);
  const breaker = new CircuitBreaker({ runtime, probe: () => sql`select 1`.execute(engine.db) });
  let prunedAt = runtime.now();

  /** Never waits longer than the command timeout, and not at all while the database is known to be gone. */
  async function guarded<Result>(start: (wait: Wait<Result>) => void): Promise<Result> {
    if (!breaker.allows()) throw new BudgetDatabaseError('The database has not answered for a while.');
    try {
      const result = await withinTime(start, { runtime, commandTimeoutMs });
      breaker.succeeded();
      return result;
    } catch (thrown) {
      breaker.failed();
      if (thrown instanceof BudgetDatabaseError) throw thrown;
      throw new BudgetDatabaseError('The database could not count budgets.', { cause: thrown });
    }
  }

  function operate<Result>({ counters, ids, apply, late }: Operation<Result>): Promise<Result> {
    return guarded<Result>((wait) => {
      let result: { readonly value: Result } | undefined;
      queue.add({
        counters,
        ids,
        apply(sheet) {
          result = { value: apply(sheet) };
        },
        done() {
          if (result === undefined) return;
          if (wait.abandoned()) late?.(result.value);
          else wait.resolve(result.value);
        },
        failed: wait.reject,
        abandoned: wait.abandoned,
      });
    });
  }

  function pruneNowAndThen(): void {
    if (runtime.now() - prunedAt < pruneEveryMs) return;
    prunedAt = runtime.now();
    // What could not be removed now is removed the next time.
    pruneBudgets(engine).catch(() => {});
  }

  /** Also while nobody is let through: the database has just answered. */
  function giveBack(reservation: Reservation): void {
    queue.add({
      counters: reservation.counters,
      ids: [reservation.id],
      apply: (sheet) => void sheet.settle(reservation, 0),
      done() {},
      failed() {},
      abandoned: () => false,
    });
  }

  const settle = (reservation: Reservation, used: number): Promise<readonly CounterState[]> =>
    operate({
      counters: reservation.counters,
      ids: [reservation.id],
      apply: (sheet) => sheet.settle(reservation, used),
    });

  return {
    async reserve(request) {
      const { id, counters } = request;
      const result = await operate({
        counters,
        ids: [],
        apply: (sheet) => sheet.reserve(request),
        late(late) {
          // Nobody waited for it. If it cannot be given back, its lease runs out.
          if (late.kind === 'reserved') giveBack({ id, counters, amount: late.amount });
        },
      });
      pruneNowAndThen();
      return result;
    },

    async renew(reservations, leaseMs) {
      for (let start = 0; start < reservations.length; start += renewalsAtOnce) {
        const batch = reservations.slice(start, start + renewalsAtOnce);
        await operate({
          counters: batch.flatMap(({ counters }) => counters),
          ids: batch.map(({ id }) => id),
          apply(sheet) {
            for (const reservation of batch) sheet.renew(reservation, leaseMs);
          },
        });
      }
    },

    settle,

    async read(counters) {
      if (counters.length === 0) return [];
      return operate({ counters, ids: [], apply: (sheet) => counters.map((counter) => sheet.state(counter)) });
    },

    async claim({ counter, period, thresholds, expiresAt }) {
      if (thresholds.length === 0) return [];
      const rows = thresholds.map((threshold) => [counter.key, period, String(threshold), expiresAt]);
      const insert = async (): Promise<readonly number[]> => {
        await ready();
        return engine.db
          .transaction()
          .execute((transaction) => engine.insertRows(transaction, { ...claimsTable, rows }));
      };
      const places = await guarded<readonly number[]>(({ resolve, reject }) => insert().then(resolve, reject));
      return thresholds.filter((_, place) => places.includes(place));
    },

    close: () => engine.close(),
  };
}

interface Operation<Result> {
  readonly counters: readonly BudgetCounter[];
  readonly ids: readonly string[];
  readonly apply: (sheet: BudgetSheet) => Result;
  /** Takes a result that came after nobody waited any more. */
  readonly late?: (result: Result) => void;
}

interface Wait<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (thrown: unknown) => void;
  readonly abandoned: () => boolean;
}

interface TimeLimit {
  readonly runtime: Pick<Runtime, 'now' | 'after'>;
  readonly commandTimeoutMs: number;
}

function withinTime<Result>(
  start: (wait: Wait<Result>) => void,
  { runtime, commandTimeoutMs }: TimeLimit,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    let abandoned = false;
    const giveUp = (): void => {
      abandoned = true;
      reject(new BudgetDatabaseError(`The database has not answered within ${commandTimeoutMs} ms.`));
    };
    const timer = patience(runtime, commandTimeoutMs, giveUp);
    start({
      resolve(result) {
        timer.cancel();
        resolve(result);
      },
      reject(thrown) {
        timer.cancel();
        reject(thrown);
      },
      abandoned: () => abandoned,
    });
  });
}
