import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type {
  BudgetCounter,
  BudgetStore,
  CounterState,
  Reservation,
  ReserveRequest,
  ReserveResult,
  ThresholdClaim,
} from '../../cost-guard/budget-store.ts';

/** One date under which money is booked. */
interface Slice {
  readonly slice: number;
  readonly expiresAt: number;
  spent: number;
  held: number;
}

interface Lease extends Reservation {
  /** Runtime milliseconds. */
  endsAt: number;
}

/** Settled reservations remembered at least, so that a repeated settlement changes nothing. */
const remembered = 10_000;
/** Counters and claims looked at for being out of date with each reservation: more than one call can add. */
const inspected = 4;

/**
 * Budgets of one process, gone with it: for a single instance, and for tests. Nothing here waits, so every operation is
 * one step.
 */
export function createMemoryBudgetStore(
  runtime: Pick<Runtime, 'now' | 'wallTime'> = systemRuntime,
): BudgetStore & { readonly size: number } {
  return new MemoryBudgetStore(runtime);
}

class MemoryBudgetStore implements BudgetStore {
  readonly #runtime: Pick<Runtime, 'now' | 'wallTime'>;
  readonly #counters = new Map<string, Slice[]>();
  readonly #leases = new Map<string, Lease>();
  /** Two generations: deleting the oldest of a set, one by one, makes its next oldest ever slower to find. */
  #settled = new Set<string>();
  #settledBefore = new Set<string>();
  /** Thresholds claimed, by counter and period. */
  readonly #claims = new Map<string, { readonly thresholds: Set<number>; readonly expiresAt: number }>();
  #counterSweep: Iterator<[string, Slice[]]> | undefined;
  #claimSweep: Iterator<[string, { readonly expiresAt: number }]> | undefined;

  constructor(runtime: Pick<Runtime, 'now' | 'wallTime'>) {
    this.#runtime = runtime;
  }

  /** Counters and claims kept. */
  get size(): number {
    return this.#counters.size + this.#claims.size;
  }

  reserve({ id, counters, most, least, leaseMs }: ReserveRequest): ReserveResult {
    this.#forgetSome();
    let left = this.#leftOn(counters);
    if (left < most && this.#endLeases()) left = this.#leftOn(counters);
    const amount = Math.min(most, left);
    if (amount < least) {
      const counter = counters.find((each) => each.limit - this.#total(each) < least);
      if (counter !== undefined) return { kind: 'refused', counter, ...this.#state(counter) };
    }
    this.#hold({ id, counters, amount, endsAt: this.#runtime.now() + leaseMs });
    return { kind: 'reserved', amount };
  }

  renew(reservations: readonly Reservation[], leaseMs: number): void {
    const endsAt = this.#runtime.now() + leaseMs;
    for (const reservation of reservations) {
      const lease = this.#leases.get(reservation.id);
      if (lease !== undefined) lease.endsAt = endsAt;
      else if (!this.#isSettled(reservation.id)) this.#hold({ ...reservation, endsAt });
    }
  }

  settle(reservation: Reservation, used: number): readonly CounterState[] {
    const { id, counters } = reservation;
    if (!this.#isSettled(id)) {
      this.#remember(id);
      this.#free(id);
      if (used > 0) for (const counter of counters) this.#slice(counter).spent += used;
    }
    return counters.map((counter) => this.#state(counter));
  }

  read(counters: readonly BudgetCounter[]): readonly CounterState[] {
    this.#endLeases();
    return counters.map((counter) => this.#state(counter));
  }

  claim({ counter, period, thresholds, expiresAt }: ThresholdClaim): readonly number[] {
    const key = `${period} ${counter.key}`;
    const claimed = this.#claims.get(key) ?? { thresholds: new Set<number>(), expiresAt };
    this.#claims.set(key, claimed);
    const fresh = thresholds.filter((threshold) => !claimed.thresholds.has(threshold));
    for (const threshold of fresh) claimed.thresholds.add(threshold);
    return fresh;
  }

  #leftOn(counters: readonly BudgetCounter[]): number {
    let left = Number.POSITIVE_INFINITY;
    for (const counter of counters) left = Math.min(left, counter.limit - this.#total(counter));
    return left;
  }

  #total(counter: BudgetCounter): number {
    const { spent, held } = this.#state(counter);
    return spent + held;
  }

  #state({ key, since }: BudgetCounter): CounterState {
    let spent = 0;
    let held = 0;
    for (const slice of this.#counters.get(key) ?? []) {
      if (slice.slice < since) continue;
      spent += slice.spent;
      held += slice.held;
    }
    return { spent, held };
  }

  /** The slice a counter's spending is booked under now; made when it is not there. */
  #slice({ key, slice, expiresAt }: BudgetCounter): Slice {
    const slices = this.#counters.get(key);
    const known = slices?.find((each) => each.slice === slice);
    if (known !== undefined) return known;
    const made = { slice, expiresAt, spent: 0, held: 0 };
    if (slices === undefined) this.#counters.set(key, [made]);
    else slices.push(made);
    return made;
  }

  #hold(lease: Lease): void {
    this.#leases.set(lease.id, lease);
    for (const counter of lease.counters) this.#slice(counter).held += lease.amount;
  }

  #free(id: string): void {
    const lease = this.#leases.get(id);
    if (lease === undefined) return;
    this.#leases.delete(id);
    for (const counter of lease.counters) this.#slice(counter).held -= lease.amount;
  }

  /** Frees what nobody has renewed. True when there was something. */
  #endLeases(): boolean {
    const now = this.#runtime.now();
    let any = false;
    for (const [id, { endsAt }] of this.#leases) {
      if (endsAt > now) continue;
      this.#free(id);
      any = true;
    }
    return any;
  }

  #isSettled(id: string): boolean {
    return this.#settled.has(id) || this.#settledBefore.has(id);
  }

  #remember(id: string): void {
    this.#settled.add(id);
    if (this.#settled.size < remembered) return;
    this.#settledBefore = this.#settled;
    this.#settled = new Set();
  }

  /** A few counters and claims at a time, so that no call pays for all of them. */
  #forgetSome(): void {
    const wallTime = this.#runtime.wallTime();
    for (let step = 0; step < inspected; step += 1) {
      this.#counterSweep ??= this.#counters.entries();
      const next = this.#counterSweep.next();
      if (next.done === true) {
        this.#counterSweep = undefined;
        break;
      }
      const [key, slices] = next.value;
      const current = slices.filter((slice) => slice.expiresAt > wallTime || slice.held > 0);
      if (current.length === 0) this.#counters.delete(key);
      else if (current.length < slices.length) this.#counters.set(key, current);
    }
    this.#claimSweep ??= this.#claims.entries();
    const claim = this.#claimSweep.next();
    if (claim.done === true) this.#claimSweep = undefined;
    else if (claim.value[1].expiresAt <= wallTime) this.#claims.delete(claim.value[0]);
  }
}
