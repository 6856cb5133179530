import type { BudgetPeriod, BudgetRule } from '../core/budget-rule.ts';
import { addDays, type LocalClock, type LocalDate, localClock, mondayOf } from '../core/local-time.ts';

/** Where a budget stands in time. Dates are milliseconds since 1970. */
export interface PeriodAt {
  /** What was spent from here on counts. */
  readonly since: number;
  /** The date under which is booked what is spent now. */
  readonly slice: number;
  /** From here on nobody asks for the slice any more. */
  readonly expiresAt: number;
  /** Names the period: alerts go out once in each. */
  readonly period: number;
  /** When everything spent by now has ceased to count. */
  readonly resetAt: number;
  /** The same for people, with the offset of the budget's time zone: `2026-03-29T00:00:00+01:00`. */
  readonly resetAtText: string;
}

/** A budget's calendar. */
export type PeriodClock = (wallTime: number) => PeriodAt;

/** Slices of a rolling period: its end is exact to a sixtieth. */
const slicesPerPeriod = 60;
/** How long a period that is over is kept: calls that began in it may still end. */
const keptAfterwards = 86_400_000;

/**
 * When a budget's spending counts. Finding a day's beginning asks the platform's calendar, which is slow, so the period
 * that was found is used until it is over.
 *
 * @throws RangeError for a time zone the platform does not know
 */
export function periodClock({ period, timezone }: Pick<BudgetRule, 'period' | 'timezone'>): PeriodClock {
  const clock = localClock(timezone);
  if (clock === undefined) throw new RangeError(`There is no time zone "${timezone}".`);
  const find =
    typeof period === 'object'
      ? (wallTime: number) => rollingPeriodAt(period.rollingMs, wallTime)
      : (wallTime: number) => calendarPeriodAt(period, clock, wallTime);
  let known: (Span & { readonly at: PeriodAt }) | undefined;
  return (wallTime) => {
    if (known === undefined || wallTime < known.from || wallTime >= known.until) {
      const { from, until, at } = find(wallTime);
      known = { from, until, at: { ...at, resetAtText: clock.format(at.resetAt) } };
    }
    return known.at;
  };
}

interface Span {
  readonly from: number;
  readonly until: number;
}

type Found = Span & { readonly at: Omit<PeriodAt, 'resetAtText'> };

function calendarPeriodAt(period: BudgetPeriod & string, clock: LocalClock, wallTime: number): Found {
  const first = firstDay(period, clock.dateAt(wallTime));
  const from = clock.startOf(first);
  const until = clock.startOf(nextFirstDay(period, first));
  return {
    from,
    until,
    at: { since: from, slice: from, period: from, resetAt: until, expiresAt: until + keptAfterwards },
  };
}

function rollingPeriodAt(rollingMs: number, wallTime: number): Found {
  const step = Math.max(1, Math.ceil(rollingMs / slicesPerPeriod));
  const slice = Math.floor(wallTime / step) * step;
  // A slice counts until its last instant is too old: rather a little too long than too short.
  const since = Math.floor((slice - rollingMs) / step) * step;
  return {
    from: slice,
    until: slice + step,
    at: {
      since,
      slice,
      period: Math.floor(wallTime / rollingMs) * rollingMs,
      resetAt: slice + step + rollingMs,
      expiresAt: slice + step + rollingMs + keptAfterwards,
    },
  };
}

function firstDay(period: BudgetPeriod & string, date: LocalDate): LocalDate {
  if (period === 'month') return { ...date, day: 1 };
  return period === 'week' ? mondayOf(date) : date;
}

function nextFirstDay(period: BudgetPeriod & string, first: LocalDate): LocalDate {
  if (period === 'month') return { ...first, month: first.month + 1 };
  return addDays(first, period === 'week' ? 7 : 1);
}
