import type { BudgetCounter, CounterState } from '../../src/cost-guard/budget-store.ts';
import { type BudgetSite, budgetNamed, statesOf } from '../harness/budget-site.ts';
import type { BudgetReport } from '../harness/budget-workers.ts';
import { pause } from '../harness/gateway.ts';
import { atLeast, atMost, exactly, type Measure, named } from '../harness/measure.ts';

export interface OverspendPlan {
  readonly workers: number;
  /** Calls at once, in all processes together. */
  readonly parallel: number;
  readonly rounds: number;
  readonly seed: number;
}

const dollar = 1_000_000_000;
const cent = dollar / 100;

/**
 * Budgets of one dollar, and many times more calls at once than they pay for. In half of the rounds every call costs a
 * cent, so exactly a hundred may pass; in the others calls share two budgets, take what is left, and use some of it.
 */
export async function budgetOverspend(site: BudgetSite, plan: OverspendPlan): Promise<readonly Measure[]> {
  const { workers, parallel, rounds, seed } = plan;
  const tally = { overspend: 0, most: 0, difference: 0, held: 0, unavailable: 0, inexact: 0, longestMs: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const exact = round % 2 === 0;
    const counters = exact
      ? [budgetNamed(`exact-${workers}-${round}`, { limit: dollar })]
      : [
          budgetNamed(`user-${workers}-${round}`, { limit: dollar }),
          budgetNamed(`team-${workers}-${round}`, { limit: 2 * dollar }),
        ];
    const watch = watchTotals(site, counters);
    const reports = await site.workers.work(
      (worker) => ({
        seed: seed + round * workers + worker,
        calls: parallel / workers,
        counters,
        most: cent,
        least: exact ? cent : cent / 10,
        leaseMs: 30_000,
        holdMs: 10,
        uses: exact ? 'all' : 'some',
      }),
      workers,
    );
    tally.most = Math.max(tally.most, await watch.stop());
    judgeRound(tally, { counters, reports, states: await statesOf(site.store, counters), exact });
  }
  return named(`${site.plan.kind}, ${workers} processes, ${parallel} at once, ${rounds} rounds`, [
    exactly({ name: 'nano-dollars overspent', value: tally.overspend, bound: 0 }),
    atMost({ name: 'most spent and held of a dollar', value: tally.most, bound: dollar }),
    exactly({ name: 'rounds in which not exactly 100 passed', value: tally.inexact, bound: 0 }),
    exactly({ name: 'nano-dollars between what processes used and what is spent', value: tally.difference, bound: 0 }),
    exactly({ name: 'nano-dollars still held', value: tally.held, bound: 0 }),
    exactly({
      name: 'calls without an answer of the store',
      value: tally.unavailable,
      bound: 0,
      detail: `longest wait ${tally.longestMs.toFixed(0)} ms`,
    }),
  ]);
}

interface Round {
  readonly counters: readonly BudgetCounter[];
  readonly reports: readonly BudgetReport[];
  readonly states: readonly CounterState[];
  readonly exact: boolean;
}

function judgeRound(tally: Record<string, number>, { counters, reports, states, exact }: Round): void {
  const add = (name: string, value: number): void => {
    tally[name] = (tally[name] ?? 0) + value;
  };
  for (const [index, counter] of counters.entries()) {
    const { spent, held } = states[index] ?? { spent: Number.NaN, held: Number.NaN };
    add('overspend', Math.max(0, spent - counter.limit));
    add('difference', Math.abs(spent - spentBy(reports, index)));
    add('held', held);
  }
  add('unavailable', unanswered(reports));
  tally.longestMs = Math.max(tally.longestMs ?? 0, ...reports.map(({ longestMs }) => longestMs));
  if (exact && sum(reports.map(({ admitted }) => admitted)) !== 100) add('inexact', 1);
}

/** Looks, as fast as it can, at how much of the first counter is spent and held. */
function watchTotals(site: BudgetSite, counters: readonly BudgetCounter[]): { stop(): Promise<number> } {
  let watching = true;
  let most = 0;
  const watched = (async () => {
    while (watching) {
      const [state] = await statesOf(site.store, counters.slice(0, 1));
      most = Math.max(most, (state?.spent ?? 0) + (state?.held ?? 0));
      await pause(2);
    }
  })();
  return {
    async stop() {
      watching = false;
      await watched;
      return most;
    },
  };
}

export interface DeathPlan {
  readonly leaseMs: number;
  readonly kills: number;
  readonly seed: number;
}

/** Processes that die while they hold money: the others notice nothing, and what the dead held is free with its lease. */
export async function budgetDeaths(site: BudgetSite, plan: DeathPlan): Promise<readonly Measure[]> {
  const { leaseMs, kills, seed } = plan;
  const counter = budgetNamed('deaths', { limit: 1_000 * dollar });
  const victims = budgetNamed('victims', { limit: dollar });
  const job = { seed, calls: 10, most: cent, least: cent, leaseMs, uses: 'some' } as const;
  const found = { heldByDead: 0, longestMs: 0 };
  const lastsMs = kills * (leaseMs + 500);
  const others = site.workers.work(
    (worker) => ({ ...job, seed: seed + worker, counters: [counter], lastsMs, holdMs: 20, pauseMs: 20 }),
    3,
  );
  for (let death = 0; death < kills; death += 1) {
    // Its calls last longer than it lives.
    site.workers.workOne(3, { ...job, counters: [counter, victims], holdMs: 600_000, insists: true }).catch(() => {});
    await heldReaches(site, victims, 10 * cent);
    const killedAt = performance.now();
    const replaced = site.workers.kill(3);
    found.heldByDead += (await statesOf(site.store, [victims]))[0]?.held ?? 0;
    await heldReaches(site, victims, 0);
    found.longestMs = Math.max(found.longestMs, performance.now() - killedAt);
    await replaced;
  }
  const reports = await others;
  const [state] = await statesOf(site.store, [counter]);
  return named(`${site.plan.kind}, ${kills} deaths`, [
    atLeast({ name: 'nano-dollars held by the dead', value: found.heldByDead, bound: kills * 10 * cent }),
    atMost({
      name: 'until it was free',
      value: found.longestMs,
      bound: leaseMs + 500,
      unit: ' ms',
      timed: true,
      detail: `lease ${leaseMs} ms`,
    }),
    exactly({ name: 'nano-dollars still held', value: state?.held ?? Number.NaN, bound: 0 }),
    exactly({ name: 'calls of the others without an answer', value: unanswered(reports), bound: 0 }),
    exactly({
      name: 'nano-dollars between what the others used and what is spent',
      value: Math.abs((state?.spent ?? Number.NaN) - spentBy(reports, 0)),
      bound: 0,
    }),
  ]);
}

async function heldReaches(site: BudgetSite, counter: BudgetCounter, amount: number): Promise<void> {
  const until = performance.now() + 30_000;
  for (;;) {
    const [state] = await statesOf(site.store, [counter]);
    if (state?.held === amount) return;
    if (performance.now() > until) throw new Error(`${state?.held} is held, not ${amount}.`);
    await pause(10);
  }
}

export interface BorderPlan {
  readonly calls: number;
  readonly seed: number;
}

/** Four processes cross the end of a period together: nothing spent in either is lost, each has its own limit. */
export async function budgetBorder(site: BudgetSite, { calls, seed }: BorderPlan): Promise<readonly Measure[]> {
  const today = budgetNamed('border', { limit: dollar });
  const midnight = today.since + 86_400_000;
  const tomorrow = { ...today, since: midnight, slice: midnight };
  const reports = await site.workers.work((worker) => ({
    seed: seed + worker,
    calls: calls / 4,
    counters: [today],
    slices: [today.slice, midnight],
    most: cent,
    least: 1,
    leaseMs: 30_000,
    holdMs: 20,
    pauseMs: 50,
    uses: 'some',
  }));
  const [both, second] = await statesOf(site.store, [today, tomorrow]);
  const [used = 0, usedTomorrow = 0] = [spentBy(reports, 0), spentBy(reports, 1)];
  return named(`${site.plan.kind}, ${calls} calls around midnight`, [
    exactly({ name: 'nano-dollars lost of the new period', value: usedTomorrow - (second?.spent ?? 0), bound: 0 }),
    exactly({ name: 'nano-dollars lost of both', value: used + usedTomorrow - (both?.spent ?? 0), bound: 0 }),
    exactly({ name: 'nano-dollars still held', value: both?.held ?? Number.NaN, bound: 0 }),
    atMost({ name: 'spent in the new period', value: second?.spent ?? Number.NaN, bound: dollar }),
    atLeast({ name: 'spent in the new period', value: second?.spent ?? Number.NaN, bound: 1 }),
  ]);
}

function unanswered(reports: readonly BudgetReport[]): number {
  return sum(reports.map(({ unavailable }) => unavailable));
}

function spentBy(reports: readonly BudgetReport[], place: number): number {
  return sum(reports.map(({ spent }) => spent[place] ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
