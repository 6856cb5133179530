import { z } from 'zod';
import { budgetFields, budgetPeriod, type WrittenPeriod } from '../core/budget-fields.ts';
import type { BudgetRule, BudgetScope } from '../core/budget-rule.ts';
import { nanoUsd } from '../core/cost.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { Duration } from '../core/units.ts';

/** One budget as an operator writes it. */
export interface BudgetOptions {
  /**
   * Stands in alerts, refusals and the counters' keys; must differ from the other budgets' names.
   * @default scope and period, such as `team-month`
   */
  readonly name?: string;
  /** Whose spending is counted together. Callers without a user, team, ... share one budget, that of `anonymous`. */
  readonly per: BudgetScope;
  /** US dollars, at most 9 million. Counted to the thousand-millionth. */
  readonly limit: number;
  /**
   * `day`, `week` (from Monday) and `month` begin at local midnight; a duration such as `"24h"` has no beginning: what is
   * older than that has ceased to count.
   */
  readonly period: 'day' | 'week' | 'month' | Duration;
  /**
   * IANA name, such as `Europe/Amsterdam`.
   * @default 'UTC'
   */
  readonly timezone?: string;
  /** @default those of all budgets */
  readonly alerts?: readonly number[];
}

const scopes = ['key', 'user', 'team', 'project', 'feature', 'model', 'global'] as const;

export function budgetSchema<Thresholds extends z.ZodType>(thresholds: Thresholds) {
  return z.strictObject(
    {
      name: z
        .string()
        .regex(/^[\x21-\x7e]{1,64}$/, 'must have 1 to 64 visible ASCII characters')
        .optional(),
      per: z.enum(scopes, `must be one of ${scopes.join(', ')}`),
      ...budgetFields,
      alerts: thresholds.optional(),
    },
    'must be an object such as { per: "team", limit: 100, period: "month" }',
  );
}

export interface ParsedBudget {
  readonly name?: string | undefined;
  readonly per: BudgetScope;
  readonly limit: number;
  readonly period: WrittenPeriod;
  readonly timezone: string;
  readonly alerts?: readonly number[] | undefined;
}

export function budgetRule(budget: ParsedBudget, alerts: readonly number[]): BudgetRule {
  const { per, timezone } = budget;
  return {
    name: budget.name ?? `${per}-${periodName(budget.period)}`,
    per,
    limit: nanoUsd(budget.limit),
    period: budgetPeriod(budget.period),
    timezone,
    alerts: [...new Set(budget.alerts ?? alerts)].sort((a, b) => a - b),
  };
}

/** @throws ConfigurationError when two budgets would share their counters */
export function refuseRepeatedNames(rules: readonly BudgetRule[], where: string): void {
  const names = rules.map(({ name }) => name);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated === undefined) return;
  throw new ConfigurationError(`${where}: two budgets are called "${repeated}"; give one of them another "name"`);
}

function periodName(written: WrittenPeriod): string {
  return typeof written === 'number' ? `${written / 1_000}s` : written;
}
