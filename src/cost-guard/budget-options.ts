import { z } from 'zod';
import type { BudgetPeriod, BudgetRule, BudgetScope } from '../core/budget-rule.ts';
import type { NanoUsd } from '../core/cost.ts';
import { ConfigurationError } from '../core/errors.ts';
import { type Duration, duration } from '../core/units.ts';

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
const shortestRolling = 60_000;
const longestRolling = 366 * 86_400_000;

const period = z
  .union(
    [z.literal('day'), z.literal('week'), z.literal('month'), duration],
    'must be "day", "week", "month" or a duration such as "24h"',
  )
  .refine(
    (value) => typeof value === 'string' || (value >= shortestRolling && value <= longestRolling),
    'must be from "1m" to "366d"',
  );

export function budgetSchema<Thresholds extends z.ZodType>(thresholds: Thresholds) {
  return z.strictObject(
    {
      name: z
        .string()
        .regex(/^[\x21-\x7e]{1,64}$/, 'must have 1 to 64 visible ASCII characters')
        .optional(),
      per: z.enum(scopes, `must be one of ${scopes.join(', ')}`),
      limit: z
        .number('must be a number of US dollars')
        .min(1e-9, 'must be greater than 0')
        .max(9_000_000, 'must be at most 9000000'),
      period,
      timezone: z
        .string('must be a time zone')
        .refine(isTimezone, 'must be an IANA time zone such as "Europe/Amsterdam"')
        .default('UTC'),
      alerts: thresholds.optional(),
    },
    'must be an object such as { per: "team", limit: 100, period: "month" }',
  );
}

export interface ParsedBudget {
  readonly name?: string | undefined;
  readonly per: BudgetScope;
  readonly limit: number;
  readonly period: 'day' | 'week' | 'month' | number;
  readonly timezone: string;
  readonly alerts?: readonly number[] | undefined;
}

export function budgetRule(budget: ParsedBudget, alerts: readonly number[]): BudgetRule {
  const { per, timezone } = budget;
  return {
    name: budget.name ?? `${per}-${periodName(budget.period)}`,
    per,
    limit: nanoUsd(budget.limit),
    period: periodOf(budget.period),
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

export function nanoUsd(dollars: number): NanoUsd {
  return Math.round(dollars * 1e9);
}

function periodOf(written: ParsedBudget['period']): BudgetPeriod {
  return typeof written === 'number' ? { rollingMs: written } : written;
}

function periodName(written: ParsedBudget['period']): string {
  return typeof written === 'number' ? `${written / 1_000}s` : written;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    // The platform's way to say that it does not know the name.
    return false;
  }
}
