import { GatewayError } from '../core/errors.ts';
import type { Filter, LedgerStore, TotalsRow } from './ledger.ts';
import { type Measures, measureNames } from './usage-cell.ts';
import type { UsageQuery } from './usage-query.ts';

/** One group of a report; sums as they are, rates and averages null where nothing was counted. */
export interface UsageLine {
  /** The start of the day or hour, `undefined` when not grouped by time. */
  readonly time: string | undefined;
  readonly group: readonly (string | null)[];
  readonly measures: Measures;
}

export interface UsageReport {
  readonly lines: readonly UsageLine[];
  /** Groups in all, on this page or not. */
  readonly groups: number;
  readonly total: Measures;
}

/** Groups one report can have; more say nothing to a reader and cost memory. */
const mostGroups = 50_000;

/**
 * Adds up what matches the query and what its caller may see.
 *
 * @throws GatewayError `invalid_request` for more groups than a report can have
 */
export async function usageReport(
  store: LedgerStore,
  query: UsageQuery,
  visible: readonly Filter[],
): Promise<UsageReport> {
  const { stretches, groupBy, limit, offset } = query;
  const filters = [...query.filters, ...visible];
  const rows = await store.totals({ stretches, groupBy, filters, most: mostGroups });
  if (rows === 'too many') {
    throw new GatewayError('invalid_request', {
      param: 'group_by',
      message: `The report has more than ${mostGroups} groups. Ask for less time, fewer groups, or filter.`,
    });
  }
  const sorted = [...rows].sort(byTimeThenCost);
  return {
    lines: sorted.slice(offset, offset + limit).map((row) => usageLine(row, query)),
    groups: rows.length,
    total: sumOf(rows),
  };
}

/** Dearest first within a day or hour; then by name, so that pages never overlap. */
function byTimeThenCost(a: TotalsRow, b: TotalsRow): number {
  if (a.stretch !== b.stretch) return a.stretch - b.stretch;
  for (const name of ['costNanoUsd', 'requests'] as const) {
    const difference = b.measures[name] - a.measures[name];
    if (difference !== 0n) return difference > 0n ? 1 : -1;
  }
  const [left, right] = [JSON.stringify(a.group), JSON.stringify(b.group)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function usageLine({ stretch, group, measures }: TotalsRow, { stretches, time, clock }: UsageQuery): UsageLine {
  const from = stretches[stretch]?.from;
  return { time: time === undefined || from === undefined ? undefined : clock.format(from), group, measures };
}

function sumOf(rows: readonly TotalsRow[]): Measures {
  const sum = (name: (typeof measureNames)[number]): bigint =>
    rows.reduce((total, { measures }) => total + measures[name], 0n);
  return Object.fromEntries(measureNames.map((name) => [name, sum(name)])) as Measures;
}
