import { GatewayError } from '../core/errors.ts';
import { addDays, type LocalClock, type LocalDate, localClock, mondayOf } from '../core/local-time.ts';
import type { Filter, Stretch } from './ledger.ts';
import { type Dimension, dayMs, dimensions, slotMs, slotOf } from './usage-cell.ts';

/** What `GET /usage` was asked. */
export interface UsageQuery {
  readonly from: number;
  readonly to: number;
  readonly clock: LocalClock;
  /** By day or hour there is one stretch for each. */
  readonly stretches: readonly Stretch[];
  readonly time: 'day' | 'hour' | undefined;
  readonly groupBy: readonly Dimension[];
  readonly filters: readonly Filter[];
  readonly limit: number;
  readonly offset: number;
  readonly format: 'json' | 'csv';
}

const parameters = new Set<string>([
  'from',
  'to',
  'period',
  'timezone',
  'group_by',
  'limit',
  'offset',
  'format',
  ...dimensions,
]);
const maxLimit = 1000;
const defaultLimit = 100;
export const maxOffset = 100_000;
const maxStretches = 1000;
const maxText = 256;
const maxDays = 800;

/** @throws GatewayError `invalid_request` naming the parameter and the fix */
export function readUsageQuery(search: string, now: number): UsageQuery {
  const given = new URLSearchParams(search);
  for (const name of given.keys()) {
    if (!parameters.has(name)) refuse(name, `is not known; use ${[...parameters].join(', ')}`);
  }
  const clock = localClock(one(given, 'timezone') ?? 'UTC') ?? refuse('timezone', 'must be an IANA time zone');
  const { from, to } = period(given, clock, now);
  const { time, groupBy } = grouping(given);
  return {
    from,
    to,
    clock,
    time,
    stretches: time === undefined ? [{ from, to }] : cutUp({ from, to }, clock, time),
    groupBy,
    filters: dimensions.flatMap((dimension) => {
      const value = one(given, dimension);
      return value === undefined ? [] : [{ dimension, value: value === '' ? null : value }];
    }),
    limit: whole(given, 'limit', { least: 1, most: maxLimit }) ?? defaultLimit,
    offset: whole(given, 'offset', { least: 0, most: maxOffset }) ?? 0,
    format: choice(given, 'format', ['json', 'csv']) ?? 'json',
  };
}

function period(given: URLSearchParams, clock: LocalClock, now: number): Stretch {
  const named = choice(given, 'period', ['day', 'week', 'month']);
  const from = instant(given, 'from', clock);
  const to = instant(given, 'to', clock);
  if (named !== undefined && (from ?? to) !== undefined) refuse('period', 'excludes "from" and "to"');
  const end = slotOf((to ?? now) + slotMs - 1);
  const begin = slotOf(from ?? clock.startOf(firstDay(named ?? 'month', clock.dateAt(to ?? now))));
  if (begin >= end) refuse('from', 'must be earlier than "to"');
  if (end - begin > maxDays * dayMs) refuse('from', `must be within ${maxDays} days of "to"`);
  return { from: begin, to: end };
}

function firstDay(named: 'day' | 'week' | 'month', today: LocalDate): LocalDate {
  if (named === 'day') return today;
  return named === 'week' ? mondayOf(today) : { ...today, day: 1 };
}

/** A date alone is its midnight in the time zone of the query. */
function instant(given: URLSearchParams, name: string, clock: LocalClock): number | undefined {
  const text = one(given, name);
  if (text === undefined) return undefined;
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const valid = Date.parse(text);
  const form = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;
  if (!form.test(text) || Number.isNaN(valid)) {
    return refuse(name, 'must be a date such as 2026-03-01, or a time with its offset such as 2026-03-01T12:00:00Z');
  }
  if (date === null) return valid;
  return clock.startOf({ year: Number(date[1]), month: Number(date[2]), day: Number(date[3]) });
}

function grouping(given: URLSearchParams): Pick<UsageQuery, 'time' | 'groupBy'> {
  const names = (one(given, 'group_by') ?? '').split(',').filter((name) => name !== '');
  const times = names.filter((name) => name === 'day' || name === 'hour');
  const groupBy = dimensions.filter((dimension) => names.includes(dimension));
  if (times.length > 1) refuse('group_by', 'takes one of "day" and "hour"');
  if (new Set(names).size !== names.length || times.length + groupBy.length !== names.length) {
    refuse('group_by', `takes, each once and separated by commas: day, hour, ${dimensions.join(', ')}`);
  }
  return { time: times[0], groupBy };
}

/** Local days or hours; the first and the last may be cut short. */
function cutUp({ from, to }: Stretch, clock: LocalClock, time: 'day' | 'hour'): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let begin = from; begin < to; ) {
    const next = time === 'day' ? clock.startOf(addDays(clock.dateAt(begin), 1)) : nextHour(begin, clock);
    const end = Math.min(slotOf(next), to);
    stretches.push({ from: begin, to: end });
    if (stretches.length > maxStretches)
      refuse('group_by', `gives more than ${maxStretches} ${time}s; ask for less time`);
    begin = end;
  }
  return stretches;
}

const hourMs = 3_600_000;

function nextHour(instantMs: number, clock: LocalClock): number {
  const local = instantMs + clock.offsetAt(instantMs);
  return instantMs + hourMs - (((local % hourMs) + hourMs) % hourMs);
}

function one(given: URLSearchParams, name: string): string | undefined {
  const values = given.getAll(name);
  if (values.length > 1) refuse(name, 'was given more than once');
  const [value] = values;
  if (value !== undefined && (value.length > maxText || value.includes('\0'))) {
    refuse(name, `must be a text of at most ${maxText} characters`);
  }
  return value;
}

function choice<Value extends string>(
  given: URLSearchParams,
  name: string,
  values: readonly Value[],
): Value | undefined {
  const text = one(given, name);
  if (text === undefined) return undefined;
  return values.find((value) => value === text) ?? refuse(name, `must be one of ${values.join(', ')}`);
}

function whole(
  given: URLSearchParams,
  name: string,
  { least, most }: { readonly least: number; readonly most: number },
): number | undefined {
  const text = one(given, name);
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : -1;
  return value >= least && value <= most ? value : refuse(name, `must be a whole number from ${least} to ${most}`);
}

function refuse(param: string, fault: string): never {
  // What a stranger called a parameter is not repeated at length.
  const shown = param.slice(0, 64);
  throw new GatewayError('invalid_request', { param: shown, message: `\`${shown}\` ${fault}.` });
}
