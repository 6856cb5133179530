import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { dayMs, slotMs } from '../../src/usage/usage-cell.ts';
import { readUsageQuery } from '../../src/usage/usage-query.ts';
import { type UsageReport, usageReport } from '../../src/usage/usage-report.ts';
import { settledAttempt } from '../harness/ledger-lines.ts';
import { type LedgerKind, openLedgerSite } from '../harness/ledger-site.ts';
import { atMost, exactly, type Measure, named, quantile } from '../harness/measure.ts';

export interface ReportsPlan {
  readonly store: LedgerKind;
  readonly days: number;
  /** Users of each quarter of an hour. */
  readonly users: number;
  readonly onProgress?: (line: string) => void;
}

/** The first of them. */
const begin = Date.UTC(2026, 2, 1);
const batch = 500;
const askedTimes = 5;

/** Reports over a ledger of many users who are busy day and night: how long they take, and that they tell the sums. */
export async function reports({ store: kind, days, users, onProgress }: ReportsPlan): Promise<readonly Measure[]> {
  const site = await openLedgerSite(kind);
  const store = sqlLedgerStore(site.open());
  const slots = days * 96;
  let nanoUsd = 0;
  for (let first = 0; first < slots * users; first += batch) {
    const count = Math.min(batch, slots * users - first);
    const lines = Array.from({ length: count }, (_, index) => {
      const number = first + index;
      const cost = 1 + (number % 1_000);
      nanoUsd += cost;
      const at = begin + Math.floor(number / users) * slotMs;
      return settledAttempt({ id: `report-${number}-1`, user: `user-${number % users}`, nanoUsd: cost, at });
    });
    await store.write(lines);
    if (first % 50_000 === 0) onProgress?.(`${kind}: ${first} of ${slots * users} lines written`);
  }
  const period = `from=${day(0)}&to=${day(days)}`;
  const asked: readonly (readonly [name: string, search: string, groups: number])[] = [
    ['in all', period, 1],
    ['by user', `${period}&group_by=user`, users],
    ['by day', `${period}&group_by=day`, days],
    ['by day and user', `${period}&group_by=day,user`, days * users],
    ['of one user by day', `${period}&group_by=day&user=user-1`, days],
    ['by user, midnights of Kathmandu', `${period}&group_by=user&timezone=Asia/Kathmandu`, users],
  ];
  const measures: Measure[] = [];
  for (const [name, search, groups] of asked) {
    const query = readUsageQuery(search, begin);
    const times: number[] = [];
    let report: UsageReport | undefined;
    for (let time = 0; time < askedTimes; time += 1) {
      const askedAt = performance.now();
      report = await usageReport(store, query, []);
      times.push(performance.now() - askedAt);
    }
    measures.push(
      exactly({ name: `groups ${name}`, value: report?.groups ?? 0, bound: groups }),
      atMost({ name: `a report ${name}`, value: quantile(times, 0.5), bound: 200, unit: ' ms', timed: true }),
    );
    if (name.startsWith('in all') || name.startsWith('by day')) {
      const told = Number(report?.total.costNanoUsd ?? 0n);
      measures.push(exactly({ name: `nano-dollars missing ${name}`, value: nanoUsd - told, bound: 0 }));
    }
  }
  await store.close();
  await site.stop();
  return named(`${kind}, ${slots * users} sums of ${days} days`, measures);
}

/** The date of a day, counted from the first. */
function day(number: number): string {
  return new Date(begin + number * dayMs).toISOString().slice(0, 10);
}
