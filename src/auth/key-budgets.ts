import { z } from 'zod';
import type { BudgetRule } from '../core/budget-rule.ts';
import { type Duration, duration } from '../core/units.ts';
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

const shortestRolling = 60_000;
const longestRolling = 366 * 86_400_000;
const calendar = ['day', 'week', 'month'] as const;

const budget = z
  .strictObject(
    {
      per: z.enum(['key', 'user', 'feature', 'model'], 'must be "key", "user", "feature" or "model"').default('key'),
      limit: z
        .number('must be a number of US dollars')
        .min(1e-9, 'must be greater than 0')
        .max(9_000_000, 'must be at most 9000000'),
      period: z
        .union([z.enum(calendar), duration], 'must be "day", "week", "month" or a duration such as "24h"')
        .refine(
          (value) => typeof value === 'string' || (value >= shortestRolling && value <= longestRolling),
          'must be from "1m" to "366d"',
        ),
      timezone: z
        .string('must be a time zone')
        .refine(isTimezone, 'must be an IANA time zone such as "Europe/Amsterdam"')
        .default('UTC'),
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
      limit: Math.round(limit * 1e9),
      period: typeof period === 'number' ? { rollingMs: period } : period,
      timezone,
      alerts: [...new Set(alerts)].sort((a, b) => a - b),
    }),
  );

/** The budgets of a key, as rules. */
export const budgetsSchema = z
  .array(budget, 'must be a list of budgets')
  .max(20, 'must not hold more than 20')
  .superRefine((rules, context) => refuseTwins(rules, context));

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    // The platform's way to say that it does not know the name.
    return false;
  }
}
