import { z } from 'zod';
import { budgetFields, budgetPeriod } from '../core/budget-fields.ts';
import type { BudgetRule } from '../core/budget-rule.ts';
import { nanoUsd } from '../core/cost.ts';
import type { Duration } from '../core/units.ts';
import { refuseTwins } from './key-limits.ts';

/** A budget of one key. */
export interface KeyBudget {
  /**
   * Whose spending with the key is counted together.
   * @default 'key'
   */
  readonly per?: 'key' | 'user' | 'feature' | 'model';
  /** US dollars, at most 9 million. */
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
  /**
   * Percentages at which an alert goes out.
   * @default [80, 90, 100]
   */
  readonly alerts?: readonly number[];
}

const budget = z
  .strictObject(
    {
      per: z.enum(['key', 'user', 'feature', 'model'], 'must be "key", "user", "feature" or "model"').default('key'),
      ...budgetFields,
      alerts: z
        .array(z.number('must be a percentage').gt(0, 'must be greater than 0').max(1000, 'must be at most 1000'))
        .max(20, 'must not hold more than 20')
        .default([80, 90, 100]),
    },
    'must be an object such as { limit: 5, period: "day" }',
  )
  .transform(
    ({ per, limit, period, timezone, alerts }): BudgetRule => ({
      name: `own-${per}-${period}${typeof period === 'number' ? 'ms' : ''}`,
      per,
      limit: nanoUsd(limit),
      period: budgetPeriod(period),
      timezone,
      alerts: [...new Set(alerts)].sort((a, b) => a - b),
    }),
  );

/** The budgets of a key, as rules. */
export const budgetsSchema = z
  .array(budget, 'must be a list of budgets')
  .max(20, 'must not hold more than 20')
  .superRefine((rules, context) => refuseTwins(rules, context));
