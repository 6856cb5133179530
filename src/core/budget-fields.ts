import { z } from 'zod';
import type { BudgetPeriod } from './budget-rule.ts';
import { localClock } from './local-time.ts';
import { duration } from './units.ts';

const shortestRolling = 60_000;
const longestRolling = 366 * 86_400_000;

/** What a budget says wherever it is written: how many US dollars, in which time, by whose clock. */
export const budgetFields = {
  limit: z
    .number('must be a number of US dollars')
    .min(1e-9, 'must be greater than 0')
    .max(9_000_000, 'must be at most 9000000'),
  period: z
    .union([z.enum(['day', 'week', 'month']), duration], 'must be "day", "week", "month" or a duration such as "24h"')
    .refine(
      (value) => typeof value === 'string' || (value >= shortestRolling && value <= longestRolling),
      'must be from "1m" to "366d"',
    ),
  timezone: z
    .string('must be a time zone')
    .refine((name) => localClock(name) !== undefined, 'must be an IANA time zone such as "Europe/Amsterdam"')
    .default('UTC'),
};

/** A period as it is written: durations in milliseconds. */
export type WrittenPeriod = z.output<typeof budgetFields.period>;

export function budgetPeriod(written: WrittenPeriod): BudgetPeriod {
  return typeof written === 'number' ? { rollingMs: written } : written;
}
