import type { NanoUsd } from '../core/cost.ts';
import type { BudgetThresholdEvent } from '../core/events.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import type { BudgetStore } from './budget-store.ts';
import type { CallBudget } from './call-budgets.ts';

export interface AlertsInit {
  readonly store: BudgetStore;
  /** Called once for each threshold of a period, over all processes that share the store; ascending. */
  readonly send: (alert: BudgetThresholdEvent) => void;
  readonly onFailure: (thrown: unknown) => void;
}

/** How a budget stands when somebody looks. */
export interface Standing {
  readonly budget: CallBudget;
  readonly spent: NanoUsd;
  /** A request was refused because what is left does not pay for it. */
  readonly exhausted: boolean;
}

/** Sees when spending passes a threshold. */
export type WatchThresholds = (standing: Standing) => void;

/** Counters whose thresholds this process remembers to be claimed; forgetting one costs a question to the store. */
const maxRemembered = 10_000;

export function createAlerts({ store, send, onFailure }: AlertsInit): WatchThresholds {
  /** The highest threshold that is known to be claimed, by counter and period. */
  const claimed = new Map<string, number>();

  const remember = (key: string, threshold: number): void => {
    if (claimed.size >= maxRemembered) claimed.clear();
    claimed.set(key, threshold);
  };

  return (standing) => {
    const { rule, at, counter } = standing.budget;
    const key = `${at.period} ${counter.key}`;
    const highest = claimed.get(key) ?? 0;
    const reached = rule.alerts.filter((threshold) => threshold > highest && hasReached(threshold, standing));
    const last = reached.at(-1);
    if (last === undefined) return;
    // Not asked for twice by calls that end while the store is being asked.
    remember(key, last);
    const failed = (thrown: unknown): void => {
      remember(key, highest);
      onFailure(thrown);
    };
    const report = (fresh: readonly number[]): void => {
      for (const threshold of fresh) send(alertOf(threshold, standing));
    };
    try {
      const answer = store.claim({ counter, period: at.period, thresholds: reached, expiresAt: at.expiresAt });
      if (isPromiseLike(answer)) Promise.resolve(answer).then(report, failed);
      else report(answer);
    } catch (thrown) {
      failed(thrown);
    }
  };
}

/**
 * What is refused is seldom refused at 100 percent exactly: with a little left, nothing that costs anything passes any
 * more. A refusal with more than that left says more of the request than of the budget.
 */
const asGoodAsSpent = 95;

/** Not `spent * 100`, which may pass 2^53. */
function hasReached(threshold: number, { budget: { rule }, spent, exhausted }: Standing): boolean {
  const percent = rule.limit / 100;
  return spent >= percent * threshold || (exhausted && threshold <= 100 && spent >= percent * asGoodAsSpent);
}

function alertOf(threshold: number, { budget: { rule, at, counter }, spent }: Standing): BudgetThresholdEvent {
  return {
    type: 'budget-threshold',
    budget: rule.name,
    scope: rule.per,
    value: counter.value,
    threshold,
    spentNanoUsd: spent,
    limitNanoUsd: rule.limit,
    resetAt: at.resetAtText,
  };
}
