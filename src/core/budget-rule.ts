import type { NanoUsd } from './cost.ts';

/** Whose spending is counted together. */
export type BudgetScope = 'key' | 'user' | 'team' | 'project' | 'feature' | 'model' | 'global';

/** When spending is counted from zero again: at local midnight, on Monday, on the 1st, or never but as it ages. */
export type BudgetPeriod = 'day' | 'week' | 'month' | { readonly rollingMs: number };

/** One budget, as it is kept. Made from configuration by `costGuard`, and from a key's own by `auth`. */
export interface BudgetRule {
  /** Unique among the rules of one `costGuard`; part of the counters' keys. */
  readonly name: string;
  readonly per: BudgetScope;
  readonly limit: NanoUsd;
  readonly period: BudgetPeriod;
  /** IANA name, e.g. `Europe/Amsterdam`. */
  readonly timezone: string;
  /** Percentages at which an alert goes out, ascending. */
  readonly alerts: readonly number[];
}
