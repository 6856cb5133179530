import type { Environment } from '../core/environment.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { type CostGuardOptions, createCostGuard } from '../cost-guard/index.ts';
import type { ModelsOptions } from '../providers/model-chains.ts';
import type { ProvidersOptions } from '../providers/options.ts';
import { createPlanner } from '../providers/planner.ts';
import { createMemoryBudgetStore } from '../stores/memory/budget-store.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type {
  BudgetCounter,
  BudgetOptions,
  BudgetStore,
  BudgetsSettings,
  CostGuardOptions,
  CounterState,
  Reservation,
  ReserveRequest,
  ReserveResult,
  ThresholdClaim,
  WebhookOptions,
} from '../cost-guard/index.ts';

/** What `costGuard()` takes on Express: it has to know what a model's name leads to, so it is told what `failover()` is. */
export interface CostGuardMiddlewareOptions extends CostGuardOptions {
  /**
   * The providers by name; the same as `failover()` has.
   * @default those the environment names by key or address
   */
  readonly providers?: ProvidersOptions;
  /** Public model names and the targets behind them; the same as `failover()` has. */
  readonly models?: ModelsOptions;
}

export interface CostGuardMiddleware extends Middleware {
  /** Books what has not been booked yet, and ends the alerts under way. For the end of the process. */
  close(): Promise<void>;
}

/** What the middleware takes from its surroundings. */
export interface CostGuardSurroundings {
  readonly runtime?: Runtime;
  /** @default process.env */
  readonly environment?: Environment;
}

/**
 * Keeps spending within budgets, for a single process or, with a shared `store`, for many. Mount it after `auth` and
 * whatever answers without cost, and before `failover` or the app's own handler.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function costGuard(
  options: CostGuardMiddlewareOptions = {},
  surroundings: CostGuardSurroundings = {},
): CostGuardMiddleware {
  const { store, onEvent, providers, models, ...settings } = options;
  const { runtime = systemRuntime, environment = process.env } = surroundings;
  const planner = createPlanner({ providers, models, environment });
  const capability = createCostGuard(settings, {
    store: store ?? createMemoryBudgetStore(runtime),
    targetsOf: (model, fallback) => planner.plan(model, fallback).flatMap((link) => link.targets),
    onEvent,
    runtime,
  });
  return Object.assign(mount(capability, { runtime }), { close: () => capability.close() });
}
