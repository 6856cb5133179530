import type { BucketShape } from './token-bucket.ts';

/** What is either there at once or promised: a store in memory need not be waited for. */
export type Awaitable<Value> = Value | Promise<Value>;

/** `limit` per window; a window begins with the first use after the last one's end. */
export interface WindowShape {
  readonly kind: 'fixed-window';
  readonly limit: number;
  readonly windowMs: number;
}

/** `limit` at the same time. */
export interface SlotsShape {
  readonly kind: 'concurrent';
  readonly limit: number;
}

export type CounterShape = BucketShape | WindowShape | SlotsShape;

/** One counter, as one call meets it. */
export interface Draw {
  /** At most 600 ASCII characters; holds no secret. Two counters are the same if their keys are. */
  readonly key: string;
  /** Counters of one rule have one group. */
  readonly group: string;
  readonly shape: CounterShape;
  /** Whole number from 0 to what the counter can hold; 1 for `concurrent`. */
  readonly amount: number;
  /** Takes where there is room, and refuses nobody where there is none. */
  readonly shadow: boolean;
}

export interface TakeRequest {
  /** Unique over all processes and all time: whose slots these are. */
  readonly id: string;
  /** At least one, with different keys. */
  readonly draws: readonly Draw[];
  /** Milliseconds after which a slot is free again unless it is renewed, by the store's own clock. */
  readonly leaseMs: number;
}

export interface TakeResult {
  /** All draws were made, apart from those in shadow that had no room; or else none. */
  readonly taken: boolean;
  /** In the order of the draws. */
  readonly states: readonly CounterState[];
}

/** How a counter stands after the step. */
export interface CounterState {
  /** Where it was counted: the draw's key, or that of a counter several keys share because there is no room for more. */
  readonly key: string;
  /** Whole number >= 0. */
  readonly remaining: number;
  /** Milliseconds until this draw has room; 0 when it had. For slots, which nobody can foresee, a guess. */
  readonly waitMs: number;
  /** Milliseconds until everything is there again; 0 for slots. */
  readonly resetMs: number;
  /** Which window it was counted in, by the store's own clock; 0 where there are no windows. */
  readonly windowEnd: number;
}

/** What becomes of a draw that was made. */
export interface Settling {
  /** As the state of the draw said. */
  readonly key: string;
  readonly group: string;
  readonly shape: CounterShape;
  /**
   * Whole number: what was drawn and not used, or, below 0, what was used beyond. A window that is over takes nothing
   * back. A slot is given back whatever the number.
   */
  readonly unused: number;
  /** As the state of the draw said. */
  readonly windowEnd: number;
}

/**
 * Where limits are counted. What one operation does is one atomic step over all counters, and over all processes that
 * share the store: at every take, no counter gives more than its limit and what was refilled.
 *
 * Whatever is thrown or rejected means that the store cannot answer now. An implementation answers or rejects within its
 * own time limit: nobody waits for one that hangs.
 */
export interface LimitStore {
  take(request: TakeRequest): Awaitable<TakeResult>;
  /** Gives back what was not used, books what was used beyond, frees slots. */
  settle(id: string, settlings: readonly Settling[]): Awaitable<void>;
  /** Holds slots for another lease. One whose lease had run out is held again, whatever the limit. */
  renew(slots: readonly HeldSlot[], leaseMs: number): Awaitable<void>;
  /** Lets go of connections. */
  close?(): Awaitable<void>;
}

export interface HeldSlot {
  readonly id: string;
  readonly key: string;
  readonly group: string;
}

/** A store in this process: what needs no I/O is there at once. */
export interface LocalLimitStore extends LimitStore {
  take(request: TakeRequest): TakeResult;
  /** What `take` would say, without taking. */
  look(request: TakeRequest): TakeResult;
  settle(id: string, settlings: readonly Settling[]): void;
  renew(slots: readonly HeldSlot[], leaseMs: number): void;
}
