import type { BudgetCounter } from '../../cost-guard/budget-store.ts';
import { type BudgetEngine, type BudgetQuery, readBudgetRows, writeBudgetChanges } from './budget-rows.ts';
import { BudgetSheet } from './budget-sheet.ts';

/** One operation on budgets. */
export interface BudgetOperation {
  readonly counters: readonly BudgetCounter[];
  /** The reservations it is about. */
  readonly ids: readonly string[];
  readonly apply: (sheet: BudgetSheet) => void;
  /** It has been written, and others can see it. */
  readonly done: () => void;
  readonly failed: (thrown: unknown) => void;
  /** Nobody waits for it any more: it is left out if it has not begun. */
  readonly abandoned: () => boolean;
}

/** More would make the others wait for too long. */
const operationsAtOnce = 100;

/**
 * Does what is asked while a transaction is under way all together in the next: under load one transaction serves many
 * calls, and a process holds the database's locks once at a time.
 */
export class BudgetQueue {
  readonly #engine: BudgetEngine;
  readonly #ready: () => Promise<unknown>;
  #waiting: BudgetOperation[] = [];
  #working = false;

  constructor(engine: BudgetEngine, ready: () => Promise<unknown>) {
    this.#engine = engine;
    this.#ready = ready;
  }

  add(operation: BudgetOperation): void {
    this.#waiting.push(operation);
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, operationsAtOnce).filter((operation) => !operation.abandoned());
      if (batch.length === 0) continue;
      try {
        await this.#ready();
        await this.#write(batch);
      } catch (thrown) {
        for (const { failed } of batch) failed(thrown);
        continue;
      }
      for (const { done } of batch) done();
    }
    this.#working = false;
  }

  async #write(batch: readonly BudgetOperation[]): Promise<void> {
    const engine = this.#engine;
    const query = queryOf(batch);
    await engine.db.transaction().execute(async (transaction) => {
      await engine.lockCounters(transaction, [...query.counters.keys()].sort());
      const rows = await readBudgetRows(engine, transaction, query);
      const sheet = new BudgetSheet(rows);
      for (const { apply } of batch) apply(sheet);
      await writeBudgetChanges(engine, transaction, { changes: sheet.changes(), now: rows.now });
    });
  }
}

function queryOf(batch: readonly BudgetOperation[]): BudgetQuery {
  const counters = new Map<string, number>();
  const ids = new Set<string>();
  for (const operation of batch) {
    for (const { key, since } of operation.counters) counters.set(key, Math.min(since, counters.get(key) ?? since));
    for (const id of operation.ids) ids.add(id);
  }
  return { counters, ids: [...ids] };
}
