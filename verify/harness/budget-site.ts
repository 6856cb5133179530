import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BudgetCounter, BudgetStore, CounterState } from '../../src/cost-guard/budget-store.ts';
import { type BudgetStorePlan, openBudgetStore } from './budget-stores.ts';
import { type BudgetWorkers, startBudgetWorkers, workHere } from './budget-workers.ts';
import { startPostgres, startRedis, type TestServer } from './servers.ts';

export type BudgetStoreKind = BudgetStorePlan['kind'];

/** A store of budgets of its own for one check. */
export interface BudgetSite {
  readonly plan: BudgetStorePlan;
  /** The store as one more process sees it. */
  readonly store: BudgetStore;
  /** Processes that share it; of a store in memory, this one. */
  readonly workers: BudgetWorkers;
  /** Absent where there is none. */
  readonly server?: TestServer;
  stop(): Promise<void>;
}

export interface BudgetSiteSettings extends Pick<BudgetStorePlan, 'commandTimeoutMs' | 'ledger'> {
  readonly workers: number;
}

export async function openBudgetSite(kind: BudgetStoreKind, settings: BudgetSiteSettings): Promise<BudgetSite> {
  const { workers: count, ...rest } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'budgets-'));
  const server = await startServer(kind);
  const plan = { kind, where: server?.url ?? join(folder, 'budgets.db'), ...rest };
  const store = await openBudgetStore(plan);
  const workers = kind === 'memory' ? workHere(store) : await startBudgetWorkers(plan, count);
  return {
    plan,
    store,
    workers,
    ...(server === undefined ? {} : { server }),
    async stop() {
      await workers.stop();
      await store.close?.();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startServer(kind: BudgetStoreKind): Promise<TestServer | undefined> {
  if (kind === 'Redis') return startRedis();
  return kind === 'PostgreSQL' ? startPostgres() : undefined;
}

const day = 86_400_000;

/** A budget of some day long past; every name is another budget. */
export function budgetNamed(name: string, overrides: Partial<BudgetCounter> = {}): BudgetCounter {
  const since = 20_000 * day;
  return {
    key: JSON.stringify(['', 'check', 'user', name]),
    scope: 'user',
    value: name,
    limit: 1_000_000_000,
    since,
    slice: since,
    expiresAt: since + 40_000 * day,
    ...overrides,
  };
}

/** How counters stand, asked until the store answers. */
export async function statesOf(
  store: BudgetStore,
  counters: readonly BudgetCounter[],
  patienceMs = 20_000,
): Promise<readonly CounterState[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    try {
      return await store.read(counters);
    } catch (thrown) {
      if (performance.now() > until) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
