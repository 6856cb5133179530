import type { BudgetCounter, BudgetStore, Reservation } from '../../src/cost-guard/budget-store.ts';
import type { BudgetJob, BudgetReport } from './budget-workers.ts';
import { pause } from './gateway.ts';
import { seededRandom } from './runtimes.ts';

/** Does a job with a store. Ids are unique as long as names are. */
export async function doBudgetJob(store: BudgetStore, job: BudgetJob, name: string): Promise<BudgetReport> {
  const random = seededRandom(job.seed);
  const report = { admitted: 0, refused: 0, unavailable: 0, longestMs: 0, spent: job.counters.map(() => 0) };
  const until = performance.now() + (job.lastsMs ?? 0);
  let made = 0;
  const caller = async (): Promise<void> => {
    let admitted = false;
    do {
      made += 1;
      admitted = await call({ store, job, id: `${name}-${made}`, random, report });
    } while (performance.now() < until || (job.insists === true && !admitted));
  };
  await Promise.all(Array.from({ length: job.calls }, caller));
  return report;
}

interface Call {
  readonly store: BudgetStore;
  readonly job: BudgetJob;
  readonly id: string;
  readonly random: () => number;
  readonly report: { -readonly [Name in keyof BudgetReport]: BudgetReport[Name] } & { spent: number[] };
}

/** @returns whether it was admitted */
async function call({ store, job, id, random, report }: Call): Promise<boolean> {
  const { most, least, leaseMs } = job;
  const counters = countersAt(job, random);
  if (job.pauseMs !== undefined) await pause(job.pauseMs * random());
  const askedAt = performance.now();
  const result = await tried(() => store.reserve({ id, counters, most, least, leaseMs }));
  report.longestMs = Math.max(report.longestMs, performance.now() - askedAt);
  if (result === undefined) {
    report.unavailable += 1;
    return false;
  }
  if (result.kind === 'refused') {
    report.refused += 1;
    return false;
  }
  report.admitted += 1;
  const { amount } = result;
  await hold({ store, reservation: { id, counters, amount }, leaseMs, holdMs: job.holdMs * random() });
  const used = job.uses === 'all' ? amount : Math.floor(amount * random());
  await settled({ store, reservation: { id, counters, amount }, used });
  counters.forEach((counter, index) => {
    const place = job.slices === undefined ? index : job.slices.indexOf(counter.slice);
    report.spent[place] = (report.spent[place] ?? 0) + used;
  });
  return true;
}

/** As `costGuard` does it: the lease is renewed while the call lasts. */
async function hold(held: {
  readonly store: BudgetStore;
  readonly reservation: Reservation;
  readonly leaseMs: number;
  readonly holdMs: number;
}): Promise<void> {
  const { store, reservation, leaseMs, holdMs } = held;
  const until = performance.now() + holdMs;
  for (let left = holdMs; left > 0; left = until - performance.now()) {
    await pause(Math.min(left, leaseMs / 3));
    if (performance.now() < until) await tried(() => store.renew([reservation], leaseMs));
  }
}

/** As `costGuard` does it: until the store has taken it. */
async function settled(end: {
  readonly store: BudgetStore;
  readonly reservation: Reservation;
  readonly used: number;
}): Promise<void> {
  while ((await tried(() => end.store.settle(end.reservation, end.used))) === undefined) await pause(50);
}

/** `undefined` when the store could not answer. */
async function tried<Result>(ask: () => Result | Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}

/** Where a job has several slices, its one counter is in one of them by chance: processes cross a border at once. */
function countersAt({ counters, slices }: BudgetJob, random: () => number): readonly BudgetCounter[] {
  if (slices === undefined) return counters;
  const slice = slices[Math.floor(random() * slices.length)] ?? 0;
  return counters.slice(0, 1).map((counter) => ({ ...counter, since: slice, slice }));
}
