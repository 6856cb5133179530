import type { BudgetCounter, CounterState, ReserveResult } from '../../cost-guard/budget-store.ts';

/** What is known of the counters' age; see the scripts. */
export interface Epoch {
  readonly id: string;
  /** When it began, by the server's clock. */
  readonly at: number;
  readonly changes: number;
}

/** An answer of the scripts of budgets. */
export interface BudgetReply {
  readonly epoch: Epoch;
  /** Whether counters existed before this epoch that are gone. */
  readonly lost: boolean;
  /** The server's clock. */
  readonly now: number;
  readonly kind: string;
  readonly numbers: readonly number[];
}

/** @throws TypeError for anything but what the scripts answer: it is then as if there were no store */
export function readReply(reply: unknown): BudgetReply {
  if (!Array.isArray(reply) || reply.length < 6 || !reply.every((part) => typeof part === 'string')) throw strange();
  const parts: readonly string[] = reply;
  const [id = '', at, changes, lost, now, kind = ''] = parts;
  const numbers = parts.slice(6).map(Number);
  if (!numbers.every(Number.isFinite)) throw strange();
  return {
    epoch: { id, at: Number(at), changes: Number(changes) },
    lost: lost === '1',
    now: Number(now),
    kind,
    numbers,
  };
}

/** `undefined` when some counters are not believed. */
export function reserveResult(
  { kind, numbers }: BudgetReply,
  counters: readonly BudgetCounter[],
): ReserveResult | undefined {
  const [first = 0, spent = 0, held = 0] = numbers;
  if (kind === 'unknown') return undefined;
  if (kind === 'reserved') return { kind, amount: first };
  const counter = counters[first];
  if (kind !== 'refused' || counter === undefined) throw strange();
  return { kind, counter, spent, held };
}

/** Spent and held of each counter. */
export function counterStates({ numbers }: BudgetReply, counters: readonly BudgetCounter[]): readonly CounterState[] {
  if (numbers.length !== counters.length * 2) throw strange();
  return counters.map((_, index) => ({ spent: numbers[index * 2] ?? 0, held: numbers[index * 2 + 1] ?? 0 }));
}

function strange(): TypeError {
  return new TypeError('Redis answered something else than the state of the budgets.');
}
