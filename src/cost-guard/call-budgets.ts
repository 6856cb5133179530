import { createHash } from 'node:crypto';
import type { BudgetRule, BudgetScope } from '../core/budget-rule.ts';
import type { Caller } from '../core/call.ts';
import type { BudgetCounter } from './budget-store.ts';
import { type PeriodAt, type PeriodClock, periodClock } from './period.ts';

/** A budget as one call meets it. */
export interface CallBudget {
  readonly rule: BudgetRule;
  readonly at: PeriodAt;
  readonly counter: BudgetCounter;
}

export interface BudgetedCall {
  readonly caller: Caller;
  /** The name the caller asked for. */
  readonly model: string;
  /** Milliseconds since 1970. */
  readonly wallTime: number;
}

/** Finds the budgets a call counts for: those of everybody, and those of its own key. */
export type FindBudgets = (call: BudgetedCall) => readonly CallBudget[];

/** Longer keys of counters are digested. */
const maxKeyLength = 500;

/** @throws RangeError for a time zone the platform does not know */
export function budgetFinder(rules: readonly BudgetRule[]): FindBudgets {
  const shared = rules.map((rule) => ({ rule, clock: periodClock(rule) }));
  // A key's own rules live as long as the key is known.
  const own = new WeakMap<BudgetRule, PeriodClock>();
  const ownClock = (rule: BudgetRule): PeriodClock => {
    const known = own.get(rule) ?? periodClock(rule);
    own.set(rule, known);
    return known;
  };
  return (call) => {
    const { caller, wallTime } = call;
    const found = shared.map(({ rule, clock }) => callBudget({ rule, at: clock(wallTime), owner: '', call }));
    for (const rule of caller.budgets ?? []) {
      found.push(callBudget({ rule, at: ownClock(rule)(wallTime), owner: caller.keyId, call }));
    }
    return found;
  };
}

function callBudget({
  rule,
  at,
  owner,
  call,
}: {
  readonly rule: BudgetRule;
  readonly at: PeriodAt;
  /** The key whose own budget it is; empty for everybody's. */
  readonly owner: string;
  readonly call: BudgetedCall;
}): CallBudget {
  const value = scopeValue(rule.per, call);
  const { since, slice, expiresAt } = at;
  const key = counterKey([owner, rule.name, rule.per, value]);
  return { rule, at, counter: { key, scope: rule.per, value, limit: rule.limit, since, slice, expiresAt } };
}

/** Who is nobody in particular shares one explicit budget. */
const nobody = 'anonymous';

function scopeValue(scope: BudgetScope, { caller, model }: BudgetedCall): string {
  switch (scope) {
    case 'key':
      return caller.keyId;
    case 'user':
      return caller.user ?? nobody;
    case 'team':
      return caller.team ?? nobody;
    case 'project':
      return caller.project ?? nobody;
    case 'feature':
      return caller.feature ?? nobody;
    case 'model':
      return model;
    case 'global':
      return 'all';
  }
}

/** JSON keeps the parts apart whatever they hold; what is not ASCII is escaped, so that length is length everywhere. */
function counterKey(parts: readonly string[]): string {
  const text = JSON.stringify(parts);
  const key = /^[\x20-\x7e]*$/.test(text) ? text : text.replace(/[^\x20-\x7e]/g, escaped);
  if (key.length <= maxKeyLength) return key;
  return `sha256:${createHash('sha256').update(key).digest('hex')}`;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
