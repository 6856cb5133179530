import { z } from 'zod';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions, withMethods } from '../core/options.ts';
import type { Runtime } from '../core/runtime.ts';
import {
  type BudgetStore,
  type BudgetsSettings,
  type CostGuard,
  type CostGuardContext,
  createCostGuard,
} from '../cost-guard/index.ts';
import { createMemoryBudgetStore } from '../stores/memory/budget-store.ts';
import { postgresBudgetStore } from '../stores/postgres/budget-store.ts';
import { ledgerHistory } from '../stores/redis/budget-history.ts';
import { redisBudgetStore } from '../stores/redis/budget-store.ts';
import type { RedisConnection } from '../stores/redis/index.ts';
import { sqliteBudgetStore } from '../stores/sqlite/budget-store.ts';
import type { LedgerStore } from '../usage/index.ts';
import { orClose } from './or-close.ts';
import { type GatewayStorage, storageUrl } from './storage.ts';

/** What may be spent, by whom, in which time. */
export interface GatewayBudgets extends BudgetsSettings {
  /**
   * Where spending is counted. `storage` is the database of the section of that name; what is counted in `memory` is
   * counted by each process for itself, and gone with it. A store of your own stays yours to close.
   * @default 'redis' where Redis is configured, else 'storage' where a database is, else 'memory'
   */
  readonly store?: (typeof stores)[number] | BudgetStore;
}

export interface GatewayBudgetsInit extends Pick<CostGuardContext, 'targetsOf' | 'onEvent'> {
  readonly redis: RedisConnection | undefined;
  readonly storage: GatewayStorage | undefined;
  /** Where usage is kept: what Redis has lost is counted anew from it, if it outlives the process. */
  readonly ledger: LedgerStore;
  readonly environment: Environment;
  readonly runtime: Runtime;
}

const stores = ['memory', 'redis', 'storage'] as const;
const methods = ['reserve', 'renew', 'settle', 'read', 'claim'] as const;
const schema = z.strictObject({
  store: z
    .union(
      [z.enum(stores), withMethods<BudgetStore>(methods)],
      `must be one of ${stores.join(', ')}, or have the methods ${methods.join(', ')}`,
    )
    .optional(),
});

/**
 * The budgets of the configuration, and those that keys bring along.
 *
 * @throws ConfigurationError naming the key and the fix
 */
export function gatewayBudgets(written: GatewayBudgets | undefined, init: GatewayBudgetsInit): CostGuard {
  const { store: named, ...settings } = written ?? {};
  parseOptions(schema, { store: named }, 'budgets');
  const { store, closeStore } = storeFor(named, init);
  const { targetsOf, onEvent, runtime } = init;
  const guard = orClose(closeStore, () =>
    createCostGuard(settings, { store, targetsOf, onEvent, runtime, where: 'budgets' }),
  );
  const { close } = guard;
  return Object.assign(guard, {
    async close() {
      await close();
      await closeStore();
    },
  });
}

interface StoreInUse {
  readonly store: BudgetStore;
  closeStore(): Promise<void>;
}

function storeFor(named: GatewayBudgets['store'], init: GatewayBudgetsInit): StoreInUse {
  if (typeof named === 'object') return { store: named, closeStore: async () => {} };
  const store = openStore(named, init);
  return { store, closeStore: async () => store.close?.() };
}

function openStore(named: (typeof stores)[number] | undefined, init: GatewayBudgetsInit): BudgetStore {
  const { redis, runtime } = init;
  const url = storageUrl(init.storage, init.environment);
  const chosen = named ?? (redis !== undefined ? 'redis' : url === undefined ? 'memory' : 'storage');
  if (chosen === 'memory') return createMemoryBudgetStore(runtime);
  if (chosen === 'storage' && url !== undefined) return databaseStore(url, runtime);
  if (chosen === 'redis' && redis !== undefined) {
    const lasts = url !== undefined || init.storage?.store !== undefined;
    return redisBudgetStore(redis, { runtime, ...(lasts && { history: ledgerHistory(init.ledger) }) });
  }
  throw new ConfigurationError(
    `budgets: "store" is "${chosen}", but there is none; add a section "${chosen}", or leave "store" out`,
  );
}

/** The address has been checked by who keeps usage there. */
function databaseStore(url: string, runtime: Runtime): BudgetStore {
  const path = /^sqlite:(?:\/\/(?=\/))?(.+)$/.exec(url)?.[1];
  return path === undefined ? postgresBudgetStore({ url, runtime }) : sqliteBudgetStore({ path, runtime });
}
