export type { TargetsOf } from './assess-call.ts';
export type { BudgetOptions } from './budget-options.ts';
export type {
  Awaitable,
  BudgetCounter,
  BudgetStore,
  CounterState,
  Reservation,
  ReserveRequest,
  ReserveResult,
  SpendingHistory,
  ThresholdClaim,
} from './budget-store.ts';
export { type CostGuard, type CostGuardContext, createCostGuard } from './cost-guard.ts';
export type { BudgetsSettings, CostGuardOptions, WebhookOptions } from './options.ts';
