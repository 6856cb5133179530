import type { NanoUsd } from '../core/cost.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import type { Runtime, Timer } from '../core/runtime.ts';
import type { BudgetStore, CounterState, Reservation } from './budget-store.ts';

export interface BookKeeperInit {
  readonly store: BudgetStore;
  readonly runtime: Runtime;
  readonly leaseMs: number;
  /** The store could not take what was asked of it; it will be asked again. */
  readonly onFailure: (operation: 'renew' | 'settle', thrown: unknown) => void;
  /** So much was waiting that the oldest use was given up: its budgets will show too little. */
  readonly onLoss: (reservation: Reservation, used: NanoUsd) => void;
}

/** What to do once a use has been booked. */
export type Booked = (states: readonly CounterState[]) => void;

interface Entry {
  readonly reservation: Reservation;
  readonly used: NanoUsd;
  readonly booked: Booked;
}

/** Uses that wait for a store that cannot take them. */
const maxWaiting = 50_000;
const shortestWait = 200;
const longestWait = 5_000;

/**
 * Looks after reservations from admission to settlement: renews those of calls under way, and settles each until the
 * store has taken it. Nothing waits for it, and while nothing is under way it keeps no timer.
 */
export class BookKeeper {
  readonly #init: BookKeeperInit;
  readonly #live = new Map<string, Reservation>();
  readonly #waiting = new Set<Entry>();
  readonly #settling = new Set<Promise<unknown>>();
  #renewal: Timer | undefined;
  #retry: Timer | undefined;
  #wait = shortestWait;

  constructor(init: BookKeeperInit) {
    this.#init = init;
  }

  /** Reservations of calls under way. */
  get open(): number {
    return this.#live.size;
  }

  /** Keeps a reservation from running out until it is settled. */
  keep(reservation: Reservation): void {
    this.#live.set(reservation.id, reservation);
    this.#renewal ??= this.#init.runtime.after(this.#init.leaseMs / 3, () => this.#renew());
  }

  settle(reservation: Reservation, used: NanoUsd, booked: Booked): void {
    this.#live.delete(reservation.id);
    if (this.#live.size === 0) {
      this.#renewal?.cancel();
      this.#renewal = undefined;
    }
    const entry = { reservation, used, booked };
    const pending = this.#book(entry, () => this.#postpone(entry));
    if (pending !== undefined) this.#track(pending);
  }

  /** Resolves when everything has been booked, or the store has refused it once more. */
  async close(): Promise<void> {
    await Promise.all(this.#settling);
    this.#stopRetrying();
    await this.#bookWaiting();
    this.#stopRetrying();
    this.#renewal?.cancel();
    this.#renewal = undefined;
  }

  #stopRetrying(): void {
    this.#retry?.cancel();
    this.#retry = undefined;
  }

  #renew(): void {
    const { store, runtime, leaseMs, onFailure } = this.#init;
    this.#renewal = runtime.after(leaseMs / 3, () => this.#renew());
    const failed = (thrown: unknown): void => onFailure('renew', thrown);
    try {
      const pending = store.renew([...this.#live.values()], leaseMs);
      if (isPromiseLike(pending)) pending.then(undefined, failed);
    } catch (thrown) {
      failed(thrown);
    }
  }

  /** Resolves to whether the store has taken it; `undefined` when it did at once. */
  #book({ reservation, used, booked }: Entry, postpone: () => void): Promise<boolean> | undefined {
    const failed = (thrown: unknown): false => {
      this.#init.onFailure('settle', thrown);
      postpone();
      return false;
    };
    try {
      const result = this.#init.store.settle(reservation, used);
      if (!isPromiseLike(result)) {
        booked(result);
        return undefined;
      }
      return Promise.resolve(result).then((states) => {
        booked(states);
        return true;
      }, failed);
    } catch (thrown) {
      return Promise.resolve(failed(thrown));
    }
  }

  #track(pending: Promise<unknown>): void {
    this.#settling.add(pending);
    const done = (): void => void this.#settling.delete(pending);
    pending.then(done, done);
  }

  #postpone(entry: Entry): void {
    if (this.#waiting.size >= maxWaiting) {
      const [oldest] = this.#waiting;
      if (oldest !== undefined) {
        this.#waiting.delete(oldest);
        this.#init.onLoss(oldest.reservation, oldest.used);
      }
    }
    this.#waiting.add(entry);
    this.#retryLater();
  }

  #retryLater(): void {
    this.#retry ??= this.#init.runtime.after(this.#wait, () => {
      this.#retry = undefined;
      this.#track(this.#bookWaiting());
    });
  }

  /** One after another: a store that cannot take one is not asked for all the others. */
  async #bookWaiting(): Promise<void> {
    for (const entry of [...this.#waiting]) {
      const taken = await this.#book(entry, () => {});
      if (taken === false) {
        this.#wait = Math.min(longestWait, this.#wait * 2);
        this.#retryLater();
        return;
      }
      this.#waiting.delete(entry);
    }
    this.#wait = shortestWait;
  }
}
