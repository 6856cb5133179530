import { z } from 'zod';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
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
import type { GatewayStorage } from './storage.ts';

/** What may be spent, by whom, in which time. */
export interface GatewayBudgets extends BudgetsSettings {
  /**
   * Where spending is counted. `storage` is the database of the section of that name; what is counted in `memory` is
   * counted by each process for itself, and gone with it.
   * @default 'redis' where Redis is configured, else 'storage' where a database is, else 'memory'
   */
  readonly store?: 'memory' | 'redis' | 'storage';
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
const schema = z.looseObject({ store: z.enum(stores, `must be one of ${stores.join(', ')}`).optional() });

/**
 * The budgets of the configuration, and those that keys bring along.
 *
 * @throws ConfigurationError naming the key and the fix
 */
export function gatewayBudgets(written: GatewayBudgets | undefined, init: GatewayBudgetsInit): CostGuard {
  const { store: named, ...settings } = written ?? {};
  parseOptions(schema, { store: named }, 'budgets');
  const store = openStore(named, init);
  const { targetsOf, onEvent, runtime } = init;
  const guard = createCostGuard(settings, { store, targetsOf, onEvent, runtime, where: 'budgets' });
  return Object.assign(guard, {
    close: closingBoth(guard.close, store),
  });
}

function closingBoth(close: () => Promise<void>, store: BudgetStore): () => Promise<void> {
  return async () => {
    await close();
    await store.close?.();
  };
}

function openStore(named: GatewayBudgets['store'], init: GatewayBudgetsInit): BudgetStore {
  const { redis, runtime } = init;
  const url = (init.storage?.url ?? init.environment.GATEWAY_STORAGE_URL ?? '').trim();
  const chosen = named ?? (redis !== undefined ? 'redis' : url === '' ? 'memory' : 'storage');
  if (chosen === 'memory') return createMemoryBudgetStore(runtime);
  if (chosen === 'storage' && url !== '') return databaseStore(url, runtime);
  if (chosen === 'redis' && redis !== undefined) {
    return redisBudgetStore(redis, { runtime, ...(url !== '' && { history: ledgerHistory(init.ledger) }) });
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
