import type { LeaseKeeper } from './lease-keeper.ts';
import type { Draw, HeldSlot, LimitStore, Settling, TakeRequest, TakeResult } from './limit-store.ts';
import type { Rule } from './rules.ts';

/** A rule that applies to a call, with what it takes. */
export interface RuleDraw extends Draw {
  readonly rule: Rule;
}

export interface ClaimRequest extends TakeRequest {
  readonly draws: readonly RuleDraw[];
}

/** What a call has taken and will settle. */
export class Claim {
  readonly #store: LimitStore;
  readonly #leases: LeaseKeeper;
  readonly #request: ClaimRequest;
  readonly #result: TakeResult;
  readonly #slots: readonly HeldSlot[];

  constructor(store: LimitStore, leases: LeaseKeeper, taken: { request: ClaimRequest; result: TakeResult }) {
    this.#store = store;
    this.#leases = leases;
    this.#request = taken.request;
    this.#result = taken.result;
    this.#slots = this.#heldSlots();
    if (this.#slots.length > 0) leases.add(store, this.#slots);
  }

  /** Gives everything back: nothing of it was used. */
  async release(): Promise<void> {
    await this.#settle((_rule, amount) => amount);
  }

  /**
   * Frees slots, and settles tokens to what was used. Requests stay counted.
   *
   * @param used whole number >= 0, by what was set aside
   */
  async settle(used: (setAside: number) => number): Promise<void> {
    await this.#settle(({ measure }, amount) => (measure === 'tokens' ? amount - used(amount) : 0));
  }

  async #settle(unusedOf: (rule: Rule, amount: number) => number): Promise<void> {
    if (this.#slots.length > 0) this.#leases.drop(this.#store, this.#slots);
    const settlings = this.#made().flatMap(([{ rule, group, shape, amount }, { key, windowEnd }]): Settling[] => {
      const unused = unusedOf(rule, amount);
      return unused === 0 && rule.measure !== 'concurrent' ? [] : [{ key, group, shape, unused, windowEnd }];
    });
    if (settlings.length === 0) return;
    try {
      await this.#store.settle(this.#request.id, settlings);
    } catch {
      // The store is away: leases run out, buckets fill and windows end by themselves.
    }
  }

  /** The draws that were made: those in shadow without room were not. */
  #made() {
    return this.#request.draws.flatMap((draw, index) => {
      const state = this.#result.states[index];
      return state === undefined || state.waitMs > 0 ? [] : [[draw, state] as const];
    });
  }

  #heldSlots(): readonly HeldSlot[] {
    return this.#made()
      .filter(([{ shape }]) => shape.kind === 'concurrent')
      .map(([{ group }, { key }]) => ({ id: this.#request.id, key, group }));
  }
}

/** Whether anything has to be done for these draws when the call has ended. */
export function settles(draws: readonly RuleDraw[]): boolean {
  return draws.some(({ rule }) => rule.measure !== 'requests');
}
