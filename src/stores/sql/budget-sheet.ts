import type {
  BudgetCounter,
  CounterState,
  Reservation,
  ReserveRequest,
  ReserveResult,
} from '../../cost-guard/budget-store.ts';

/** What was spent and held under one date. */
export interface SliceRow {
  readonly counter: string;
  readonly slice: number;
  readonly spent: number;
  readonly held: number;
}

/** What one reservation holds on one counter. */
export interface LeaseRow {
  readonly id: string;
  readonly counter: string;
  readonly slice: number;
  readonly amount: number;
  /** By the database's clock. */
  readonly endsAt: number;
}

/** All that is known of the counters of some operations. */
export interface BudgetRows {
  /** The database's clock. */
  readonly now: number;
  readonly slices: readonly SliceRow[];
  readonly leases: readonly LeaseRow[];
  readonly settled: readonly string[];
}

/** What operations have changed. */
export interface BudgetChanges {
  /** Amounts are to be added to what is there. */
  readonly slices: readonly (SliceRow & { readonly expiresAt: number })[];
  readonly leases: readonly LeaseRow[];
  readonly ended: readonly LeaseRow[];
  readonly settled: readonly string[];
}

interface Slice {
  readonly slice: number;
  spent: number;
  held: number;
}

interface Change {
  readonly counter: string;
  readonly slice: number;
  spent: number;
  held: number;
  expiresAt: number;
}

/** Budgets on one sheet of paper: rows of a database, the operations on them, and what they change. */
export class BudgetSheet {
  readonly #now: number;
  readonly #slices = new Map<string, Slice[]>();
  readonly #loaded: ReadonlyMap<string, LeaseRow>;
  readonly #leases: Map<string, LeaseRow>;
  readonly #settled: Set<string>;
  readonly #newlySettled: string[] = [];
  readonly #changes = new Map<string, Change>();

  constructor({ now, slices, leases, settled }: BudgetRows) {
    this.#now = now;
    this.#settled = new Set(settled);
    for (const { counter, ...amounts } of slices) {
      const known = this.#slices.get(counter);
      if (known === undefined) this.#slices.set(counter, [amounts]);
      else known.push(amounts);
    }
    this.#loaded = new Map(leases.map((lease) => [leaseKey(lease), lease]));
    this.#leases = new Map(this.#loaded);
    for (const lease of leases) if (lease.endsAt <= now) this.#end(lease);
  }

  reserve({ id, counters, most, least, leaseMs }: ReserveRequest): ReserveResult {
    let amount = most;
    for (const counter of counters) {
      const { spent, held } = this.state(counter);
      const left = counter.limit - spent - held;
      if (left < least) return { kind: 'refused', counter, spent, held };
      amount = Math.min(amount, left);
    }
    for (const counter of counters) this.#hold(counter, { id, amount, leaseMs });
    return { kind: 'reserved', amount };
  }

  renew({ id, counters, amount }: Reservation, leaseMs: number): void {
    if (this.#settled.has(id)) return;
    for (const counter of counters) {
      const lease = this.#leases.get(leaseKey({ id, counter: counter.key }));
      if (lease === undefined) this.#hold(counter, { id, amount, leaseMs });
      else this.#leases.set(leaseKey(lease), { ...lease, endsAt: this.#now + leaseMs });
    }
  }

  settle({ id, counters }: Reservation, used: number): readonly CounterState[] {
    if (!this.#settled.has(id)) {
      this.#settled.add(id);
      this.#newlySettled.push(id);
      for (const counter of counters) {
        const lease = this.#leases.get(leaseKey({ id, counter: counter.key }));
        if (lease !== undefined) this.#end(lease);
        if (used > 0) this.#add(counter, { spent: used, held: 0, expiresAt: counter.expiresAt });
      }
    }
    return counters.map((counter) => this.state(counter));
  }

  state({ key, since }: BudgetCounter): CounterState {
    let spent = 0;
    let held = 0;
    for (const slice of this.#slices.get(key) ?? []) {
      if (slice.slice < since) continue;
      spent += slice.spent;
      held += slice.held;
    }
    return { spent, held };
  }

  /** What is to be written. Rows are in one order everywhere: whoever locks some of them waits for nobody who waits. */
  changes(): BudgetChanges {
    const slices = [...this.#changes.values()].filter(({ spent, held }) => spent !== 0 || held !== 0);
    return {
      slices: slices.sort(byPlace),
      leases: [...this.#leases.values()].filter((lease) => this.#loaded.get(leaseKey(lease)) !== lease),
      ended: [...this.#loaded.values()].filter((lease) => !this.#leases.has(leaseKey(lease))),
      settled: this.#newlySettled,
    };
  }

  #hold(
    counter: BudgetCounter,
    hold: { readonly id: string; readonly amount: number; readonly leaseMs: number },
  ): void {
    const { id, amount, leaseMs } = hold;
    const lease = { id, counter: counter.key, slice: counter.slice, amount, endsAt: this.#now + leaseMs };
    this.#leases.set(leaseKey(lease), lease);
    this.#add(counter, { spent: 0, held: amount, expiresAt: counter.expiresAt });
  }

  #end(lease: LeaseRow): void {
    this.#leases.delete(leaseKey(lease));
    this.#add({ key: lease.counter, slice: lease.slice }, { spent: 0, held: -lease.amount, expiresAt: 0 });
  }

  #add({ key, slice }: Pick<BudgetCounter, 'key' | 'slice'>, added: Omit<Change, 'counter' | 'slice'>): void {
    const slices = this.#slices.get(key) ?? [];
    this.#slices.set(key, slices);
    const known = slices.find((each) => each.slice === slice);
    if (known === undefined) slices.push({ slice, spent: added.spent, held: added.held });
    else {
      known.spent += added.spent;
      known.held += added.held;
    }
    const place = leaseKey({ id: String(slice), counter: key });
    const change = this.#changes.get(place);
    if (change === undefined) this.#changes.set(place, { counter: key, slice, ...added });
    else {
      change.spent += added.spent;
      change.held += added.held;
      change.expiresAt = Math.max(change.expiresAt, added.expiresAt);
    }
  }
}

function leaseKey({ id, counter }: Pick<LeaseRow, 'id' | 'counter'>): string {
  return JSON.stringify([id, counter]);
}

function byPlace(one: SliceRow, other: SliceRow): number {
  if (one.counter === other.counter) return one.slice - other.slice;
  return one.counter < other.counter ? -1 : 1;
}
