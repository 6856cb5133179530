import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type {
  BudgetCounter,
  BudgetStore,
  CounterState,
  Reservation,
  ReserveRequest,
  ReserveResult,
  SpendingHistory,
} from '../../cost-guard/budget-store.ts';
import { createBudgetRebuilder } from './budget-rebuilder.ts';
import { type BudgetReply, counterStates, type Epoch, readReply, reserveResult } from './budget-replies.ts';
import { claimScript, readScript, rebuildScript, renewScript, reserveScript, settleScript } from './budget-scripts.ts';
import type { RedisConnection, RedisScript } from './redis-connection.ts';

/** What else `redisBudgetStore` takes. */
export interface RedisBudgetOptions {
  /**
   * Where counters that Redis has lost are counted anew: the ledger. Until they have been, calls that count for them find
   * the store unavailable.
   * @default none: what happens then says `afterLoss`
   */
  readonly history?: SpendingHistory;
  /**
   * Without a history: what is done about periods that began before Redis lost its counters. `refuse` finds the store
   * unavailable until they are over; `start-at-zero` forgets what was spent in them.
   * @default 'refuse'
   */
  readonly afterLoss?: 'refuse' | 'start-at-zero';
  /**
   * Milliseconds after a loss in which nothing is counted anew: processes hold again what their calls under way have set
   * aside, and the ledger takes up what has just ended.
   * @default 3000
   */
  readonly settleDownMs?: number;
  /** Where the time comes from that is not Redis's own. */
  readonly runtime?: Runtime;
}

/** How long a settlement is remembered: a second one of the same call comes within minutes. */
const rememberedMs = 600_000;
const renewalsAtOnce = 100;

/**
 * Budgets shared by all processes of one Redis: one script and one round trip for an operation, whatever the number of
 * its budgets. Redis must not evict keys (`maxmemory-policy noeviction`). The connection stays open until it is closed.
 */
export function redisBudgetStore(connection: RedisConnection, options: RedisBudgetOptions = {}): BudgetStore {
  const { history, afterLoss = 'refuse', settleDownMs = 3_000, runtime = systemRuntime } = options;
  const noHistory = afterLoss === 'refuse' ? 'refuse' : 'zero';
  const policy = history === undefined ? noHistory : 'history';
  const prefix = `${connection.prefix}:budget`;
  let seen: Epoch = { id: '', at: 0, changes: 0 };

  const counterKeys = (counters: readonly BudgetCounter[]): readonly string[] =>
    counters.flatMap(({ key }) => [`${prefix}:sums:${key}`, `${prefix}:slices:${key}`, `${prefix}:leases:${key}`]);

  async function run(script: RedisScript, call: BudgetCall): Promise<BudgetReply> {
    const mark = call.mark === undefined ? [] : [`${prefix}:settled:${call.mark}`];
    const reply = await connection.evaluate(script, {
      keys: [`${prefix}:epoch`, ...counterKeys(call.counters), ...mark],
      values: [seen.id, String(seen.at), String(seen.changes), runtime.newId(), policy, ...call.values],
      late: (late) => call.late?.(readReply(late)),
    });
    const read = readReply(reply);
    seen = laterOf(seen, read.epoch);
    return read;
  }

  const rebuilder = createBudgetRebuilder({
    history,
    settleDownMs,
    runtime,
    rebuild: async (counter, epoch, values) =>
      void (await run(rebuildScript, { counters: [counter], values: [epoch.id, ...values] })),
  });

  const settle = async (reservation: Reservation, used: number): Promise<readonly CounterState[]> => {
    const { id, counters, amount } = reservation;
    const values = [id, String(amount), String(used), String(rememberedMs), ...counters.flatMap(placeOf)];
    return counterStates(await run(settleScript, { counters, mark: id, values }), counters);
  };

  /** Asks once more when counters had to be counted anew. */
  async function believed(ask: () => Promise<BudgetReply>, counters: readonly BudgetCounter[]): Promise<BudgetReply> {
    const reply = await ask();
    if (reply.kind !== 'unknown') return reply;
    await rebuilder.rebuild(reply, counters);
    const second = await ask();
    if (second.kind === 'unknown') throw rebuilder.unavailable();
    return second;
  }

  return {
    async reserve(request) {
      const { id, counters } = request;
      const reply = await believed(
        () =>
          run(reserveScript, {
            counters,
            values: reserveValues(request),
            late(late) {
              const result: ReserveResult | undefined = reserveResult(late, counters);
              if (result?.kind !== 'reserved') return;
              // Nobody waited for it. If it cannot be given back, its lease runs out.
              settle({ id, counters, amount: result.amount }, 0).catch(() => {});
            },
          }),
        counters,
      );
      const result = reserveResult(reply, counters);
      if (result === undefined) throw rebuilder.unavailable();
      return result;
    },

    async renew(reservations, leaseMs) {
      for (let start = 0; start < reservations.length; start += renewalsAtOnce) {
        const batch = reservations.slice(start, start + renewalsAtOnce);
        await Promise.all(
          batch.map(({ id, counters, amount }) =>
            run(renewScript, {
              counters,
              mark: id,
              values: [id, String(amount), '0', String(leaseMs), ...counters.flatMap(placeOf)],
            }),
          ),
        );
      }
    },

    settle,

    async read(counters) {
      if (counters.length === 0) return [];
      const values = counters.flatMap(placeOf);
      return counterStates(await believed(() => run(readScript, { counters, values }), counters), counters);
    },

    async claim({ counter, period, thresholds, expiresAt }) {
      if (thresholds.length === 0) return [];
      const reply = await connection.evaluate(claimScript, {
        keys: [`${prefix}:claims:${period}:${counter.key}`],
        values: [String(expiresAt), ...thresholds.map(String)],
      });
      const fresh: ReadonlySet<unknown> = new Set(Array.isArray(reply) ? reply : []);
      return thresholds.filter((threshold) => fresh.has(String(threshold)));
    },
  };
}

interface BudgetCall {
  readonly counters: readonly BudgetCounter[];
  readonly values: readonly string[];
  /** Whose settlement is marked, or looked for. */
  readonly mark?: string;
  readonly late?: (reply: BudgetReply) => void;
}

function placeOf({ since, slice, expiresAt }: BudgetCounter): readonly string[] {
  return [String(since), String(slice), String(expiresAt)];
}

function reserveValues({ id, counters, most, least, leaseMs }: ReserveRequest): readonly string[] {
  const places = counters.flatMap((counter) => [...placeOf(counter), String(counter.limit)]);
  return [id, String(most), String(least), String(leaseMs), ...places];
}

/** Answers may overtake each other. */
function laterOf(one: Epoch, other: Epoch): Epoch {
  if (one.id === other.id) return one.changes >= other.changes ? one : other;
  return one.at > other.at ? one : other;
}
