import { patience } from '../../core/patience.ts';
import type { Runtime } from '../../core/runtime.ts';
import type { BudgetCounter, SpendingHistory } from '../../cost-guard/budget-store.ts';
import type { BudgetReply, Epoch } from './budget-replies.ts';
import { RedisUnavailableError } from './redis-connection.ts';

export interface BudgetRebuilderInit {
  readonly history: SpendingHistory | undefined;
  readonly settleDownMs: number;
  readonly runtime: Runtime;
  /** Writes a counter that was counted anew: since, slice, expiry and amount of each slice. */
  readonly rebuild: (counter: BudgetCounter, epoch: Epoch, values: readonly string[]) => Promise<void>;
}

export interface BudgetRebuilder {
  /**
   * Counts anew what the reply names as not believed. Each counter once, however many calls ask for it.
   *
   * @throws RedisUnavailableError when that is not possible now, or takes longer than a call should wait
   */
  rebuild(reply: BudgetReply, counters: readonly BudgetCounter[]): Promise<void>;
  unavailable(): RedisUnavailableError;
}

/** A call waits no longer for the history; the counting goes on. */
const longestWaitMs = 1_000;
/** Pieces of a rolling period that are told apart: what was spent in one counts to the end of it. */
const rollingPieces = 12;

export function createBudgetRebuilder({
  history,
  settleDownMs,
  runtime,
  rebuild,
}: BudgetRebuilderInit): BudgetRebuilder {
  const underWay = new Map<string, Promise<void>>();

  async function count(counter: BudgetCounter, reply: BudgetReply): Promise<void> {
    if (history === undefined) throw unavailable();
    const age = reply.now - reply.epoch.at;
    if (reply.lost && age < settleDownMs) throw unavailable();
    const spending = await spendingOf(counter, history);
    // Nobody remembers another epoch, yet money was spent: all processes may have been started together with Redis.
    if (age < settleDownMs && spending.some(({ amount }) => amount > 0)) throw unavailable();
    const values = spending.flatMap(({ slice, amount }) => [counter.since, slice, counter.expiresAt, amount]);
    await rebuild(counter, reply.epoch, values.map(String));
  }

  function once(counter: BudgetCounter, reply: BudgetReply): Promise<void> {
    const known = underWay.get(counter.key);
    if (known !== undefined) return known;
    const counting = count(counter, reply).finally(() => underWay.delete(counter.key));
    underWay.set(counter.key, counting);
    return counting;
  }

  return {
    async rebuild(reply, counters) {
      const named = reply.numbers.flatMap((index) => counters[index] ?? []);
      const counting = Promise.all(named.map((counter) => once(counter, reply)));
      await withinTime(counting, runtime);
    },
    unavailable,
  };
}

function unavailable(): RedisUnavailableError {
  return new RedisUnavailableError('Redis has lost its budgets, and they have not been counted anew yet.');
}

interface Piece {
  readonly slice: number;
  readonly amount: number;
}

async function spendingOf(counter: BudgetCounter, history: SpendingHistory): Promise<readonly Piece[]> {
  const { since, slice } = counter;
  if (slice <= since) return [{ slice, amount: await history.spentSince(counter, since) }];
  const borders = Array.from(
    { length: rollingPieces },
    (_, index) => since + Math.floor(((slice - since) * index) / rollingPieces),
  );
  const spent = await Promise.all(borders.map((border) => history.spentSince(counter, border)));
  // What was spent in a piece is booked at its end, so that it counts rather a little too long.
  return borders.map((_, index) => ({
    slice: borders[index + 1] ?? slice,
    amount: Math.max(0, (spent[index] ?? 0) - (spent[index + 1] ?? 0)),
  }));
}

function withinTime(pending: Promise<unknown>, runtime: Runtime): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = patience(runtime, longestWaitMs, () => reject(unavailable()));
    pending.then(
      () => {
        timer.cancel();
        resolve();
      },
      (thrown: unknown) => {
        timer.cancel();
        reject(thrown);
      },
    );
  });
}
