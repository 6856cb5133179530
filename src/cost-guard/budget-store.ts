import type { BudgetScope } from '../core/budget-rule.ts';
import type { NanoUsd } from '../core/cost.ts';

/** What is either there at once or promised: a store in memory need not be waited for. */
export type Awaitable<Value> = Value | Promise<Value>;

/** One budget of one user, team, ... as a call meets it. Dates are milliseconds since 1970. */
export interface BudgetCounter {
  /** At most 600 ASCII characters; holds no secret. Two counters are the same if their keys are. */
  readonly key: string;
  /** Whose spending it is: what `SpendingHistory` needs to count it anew. */
  readonly scope: BudgetScope;
  readonly value: string;
  /** Whole nano-USD from 0 to 9e15, so that no sum that still fits is ever rounded. */
  readonly limit: NanoUsd;
  /**
   * What is spent and held from here on counts, by the `slice` it was booked under. Of a calendar period this is its
   * beginning; of a rolling one it moves.
   */
  readonly since: number;
  /** What this call spends is booked under this date: `since` for a calendar period, a step of the clock for a rolling one. */
  readonly slice: number;
  /** From here on no call asks for this slice any more: it can be forgotten. */
  readonly expiresAt: number;
}

/** Money set aside for one call on all counters it counts for. */
export interface Reservation {
  /** Unique over all processes and all time. */
  readonly id: string;
  /** At least one, with different keys. */
  readonly counters: readonly BudgetCounter[];
  /** Whole nano-USD > 0; the same on every counter. */
  readonly amount: NanoUsd;
}

export interface ReserveRequest extends Omit<Reservation, 'amount'> {
  /** What the call may cost at most. Whole nano-USD > 0. */
  readonly most: NanoUsd;
  /** The least that is of any use to it: 0 < least <= most. */
  readonly least: NanoUsd;
  /** Milliseconds after which the money is free again unless it is renewed, by the store's own clock. */
  readonly leaseMs: number;
}

export type ReserveResult =
  /** `amount` is set aside on every counter: as much of `most` as all of them have left, at least `least`. */
  | { readonly kind: 'reserved'; readonly amount: NanoUsd }
  /** Nothing has changed on any counter. The first counter with less than `least` left, and how it stands. */
  | ({ readonly kind: 'refused'; readonly counter: BudgetCounter } & CounterState);

export interface CounterState {
  /** What calls that have ended cost. */
  readonly spent: NanoUsd;
  /** What is set aside for calls under way. */
  readonly held: NanoUsd;
}

export interface ThresholdClaim {
  readonly counter: Pick<BudgetCounter, 'key'>;
  /** Which period of the counter: thresholds are claimed once in each. Milliseconds since 1970. */
  readonly period: number;
  /** Percentages, ascending. */
  readonly thresholds: readonly number[];
  /** Milliseconds since 1970; the claim can be forgotten then. */
  readonly expiresAt: number;
}

/**
 * Where budgets are counted. What one operation does is one atomic step over all counters and all processes that share
 * the store. At every `reserved`, on every counter: spent + held <= limit.
 *
 * Whatever is thrown or rejected means that the store cannot answer now; a call is then treated as the operator chose.
 * An implementation answers or rejects within its own time limit: nobody waits for one that hangs.
 */
export interface BudgetStore {
  /** Sets money aside on all counters or on none. */
  reserve(request: ReserveRequest): Awaitable<ReserveResult>;
  /** Holds reservations for another `leaseMs`. One whose lease had run out is held again, whatever the limit; a settled one is not. */
  renew(reservations: readonly Reservation[], leaseMs: number): Awaitable<void>;
  /**
   * Ends a reservation: what was held is free, what was used is spent, under the slices it was reserved for. Answers with
   * the state of its counters, in their order. Also books what was used on a reservation whose lease has run out, or that
   * this store never made. A second time with the same id nothing changes: retries come within minutes.
   *
   * @param used whole nano-USD >= 0, 0 to release; may pass what was reserved
   */
  settle(reservation: Reservation, used: NanoUsd): Awaitable<readonly CounterState[]>;
  /** How counters stand, in their order. */
  read(counters: readonly BudgetCounter[]): Awaitable<readonly CounterState[]>;
  /** Those of the thresholds nobody has claimed in this period, ascending; from now on they are claimed. */
  claim(claim: ThresholdClaim): Awaitable<readonly number[]>;
  /** Lets go of connections. */
  close?(): Awaitable<void>;
}

/** Where a store that has lost its counters learns what was spent: the ledger. */
export interface SpendingHistory {
  /** What calls that began from `since` on (milliseconds since 1970) cost this user, team, ... */
  spentSince(counter: Pick<BudgetCounter, 'scope' | 'value'>, since: number): Promise<NanoUsd>;
}
