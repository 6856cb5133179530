import { type BudgetStoreKind, openBudgetSite } from '../harness/budget-site.ts';
import type { Measure } from '../harness/measure.ts';
import { installed } from '../harness/servers.ts';
import { budgetLoss, budgetOutage } from './budget-outages.ts';
import { budgetBorder, budgetDeaths, budgetOverspend } from './budgets.ts';

export interface BudgetProofPlan {
  /** Calls at once. */
  readonly parallel: number;
  readonly seed: number;
  readonly onProgress: (line: string) => void;
}

const rounds = 20;
const commandTimeoutMs = 300;

/** Everything a store of budgets stands for, on each of them, at full length. */
export async function* budgetProofs(plan: BudgetProofPlan): AsyncIterable<readonly Measure[]> {
  const { parallel, seed, onProgress } = plan;
  const alone = await openBudgetSite('memory', { workers: 1 });
  yield await budgetOverspend(alone, { workers: 1, parallel, rounds, seed });
  await alone.stop();
  for (const kind of ['SQLite', 'Redis', 'PostgreSQL'] as const) {
    if (kind !== 'SQLite' && !installed[kind]) {
      yield [
        {
          name: `${kind} on this machine`,
          measured: 'not installed',
          required: 'installed',
          pass: false,
          timed: false,
        },
      ];
      continue;
    }
    onProgress(kind);
    yield* crowds(kind, plan);
    if (kind !== 'SQLite') yield* outages(kind, seed);
  }
  if (!installed.Redis) return;
  for (const settleDownMs of [1_500, 3_000]) yield await budgetLoss({ settleDownMs, seed });
}

async function* crowds(kind: BudgetStoreKind, { parallel, seed }: BudgetProofPlan): AsyncIterable<readonly Measure[]> {
  const site = await openBudgetSite(kind, { workers: 4 });
  for (const workers of [1, 4]) {
    yield await budgetOverspend(site, { workers, parallel: Math.ceil(parallel / 4) * 4, rounds, seed });
  }
  yield await budgetBorder(site, { calls: 4_000, seed });
  yield await budgetDeaths(site, { leaseMs: 1_000, kills: 25, seed });
  await site.stop();
}

async function* outages(kind: BudgetStoreKind, seed: number): AsyncIterable<readonly Measure[]> {
  const site = await openBudgetSite(kind, { workers: 4, commandTimeoutMs });
  for (const outageMs of [500, 2_000, 10_000]) {
    yield await budgetOutage(site, { how: 'freeze', outageMs, commandTimeoutMs, seed: seed + outageMs });
  }
  // What this Redis holds is gone with it.
  if (kind === 'PostgreSQL') yield await budgetOutage(site, { how: 'crash', outageMs: 2_000, commandTimeoutMs, seed });
  await site.stop();
}
