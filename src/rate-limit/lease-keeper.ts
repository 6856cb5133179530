import type { Runtime, Timer } from '../core/runtime.ts';
import type { HeldSlot, LimitStore } from './limit-store.ts';

/** Renewals per lease: two may fail before a slot is taken for abandoned. */
const renewalsPerLease = 3;

/** Renews the slots of calls under way, so that those of a process that has died free themselves. */
export class LeaseKeeper {
  readonly #runtime: Runtime;
  readonly #leaseMs: number;
  readonly #held = new Map<LimitStore, Set<HeldSlot>>();
  #timer: Timer | undefined;

  constructor(runtime: Runtime, leaseMs: number) {
    this.#runtime = runtime;
    this.#leaseMs = leaseMs;
  }

  add(store: LimitStore, slots: readonly HeldSlot[]): void {
    const held = this.#held.get(store) ?? new Set();
    this.#held.set(store, held);
    for (const slot of slots) held.add(slot);
    this.#timer ??= this.#runtime.after(this.#leaseMs / renewalsPerLease, () => this.#renew());
  }

  drop(store: LimitStore, slots: readonly HeldSlot[]): void {
    const held = this.#held.get(store);
    for (const slot of slots) held?.delete(slot);
    if (held?.size === 0) this.#held.delete(store);
    if (this.#held.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #renew(): void {
    for (const [store, held] of this.#held) void this.#renewAt(store, [...held]);
    this.#timer = this.#runtime.after(this.#leaseMs / renewalsPerLease, () => this.#renew());
  }

  async #renewAt(store: LimitStore, slots: readonly HeldSlot[]): Promise<void> {
    try {
      await store.renew(slots, this.#leaseMs);
    } catch {
      // The store is away; the next renewal may reach it.
    }
  }
}
