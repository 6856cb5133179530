import { inspect } from 'node:util';
import { ConfigurationError } from '../core/errors.ts';
import type { Runtime } from '../core/runtime.ts';

/** Times in milliseconds. */
export interface KeyRingOptions {
  /** How long a refused key stays out before one request tries it again. */
  readonly recheck: number;
  /** How long others go before a rate-limited key when the provider does not say. */
  readonly rest: number;
  /** How long after a success a 403 leaves a key in rotation. A 401 takes it out at once. */
  readonly provenFor: number;
}

export const defaultKeyRing: KeyRingOptions = { recheck: 300_000, rest: 1000, provenFor: 60_000 };

/** A try of a refused key that brings no verdict in this time (the caller went, ...) is repeated. Milliseconds. */
const recheckPatience = 60_000;

/** Why a key is not in rotation. */
export type KeyTrouble = 'rate_limit' | 'quota' | 'auth';

/** No key can be used now. */
export interface NoKey {
  /** Runtime milliseconds when the first one can. */
  readonly availableAt: number;
  /** What keeps that one. */
  readonly reason: KeyTrouble;
}

/**
 * A provider's keys, used in turn. A refused key is out until one request has tried it again; a rate-limited one rests
 * for as long as the provider asked.
 * The keys can be replaced at any time; attempts under way keep theirs, and what they report of a key that is gone is
 * ignored. No key shows in a string, JSON or inspection of the ring or of a taken key.
 */
export class KeyRing {
  readonly #runtime: Runtime;
  readonly #options: KeyRingOptions;
  #slots: readonly KeySlot[] = [];
  #next = 0;

  /** @throws ConfigurationError when there is no key, or an empty one */
  constructor(keys: readonly string[], runtime: Runtime, options: KeyRingOptions = defaultKeyRing) {
    this.#runtime = runtime;
    this.#options = options;
    this.replace(keys);
  }

  get size(): number {
    return this.#slots.length;
  }

  /** The next key in turn that can be used now. */
  take(): TakenKey | NoKey {
    const now = this.#runtime.now();
    const slots = this.#slots;
    let soonest: KeySlot | undefined;
    let spare: KeySlot | undefined;
    for (let step = 0; step < slots.length; step += 1) {
      const slot = slots[(this.#next + step) % slots.length];
      if (slot === undefined) continue;
      if (slot.availableAt() > now) {
        if (soonest === undefined || slot.availableAt() < soonest.availableAt()) soonest = slot;
      } else if (slot.avoidUntil > now) {
        if (spare === undefined || slot.avoidUntil < spare.avoidUntil) spare = slot;
      } else {
        return this.#hand(slot, now);
      }
    }
    if (spare !== undefined) return this.#hand(spare, now);
    return { availableAt: soonest?.availableAt() ?? now, reason: soonest?.trouble(now) ?? 'auth' };
  }

  /**
   * Puts other keys in place of the present ones. A key that stays keeps its rest, but a refused one is tried again.
   *
   * @throws ConfigurationError when there is no key, or an empty one; the present keys then stay
   */
  replace(keys: readonly string[]): void {
    if (keys.length === 0 || keys.includes('')) {
      throw new ConfigurationError('A key ring needs at least one key, and no empty ones.');
    }
    const present = this.#slots;
    this.#slots = [...new Set(keys)].map((key) => {
      const slot = present.find((other) => other.key === key);
      slot?.readmit();
      return slot ?? new KeySlot(key);
    });
    this.#next = 0;
  }

  #hand(slot: KeySlot, now: number): TakenKey {
    const number = this.#slots.indexOf(slot) + 1;
    this.#next = number;
    // Whoever takes a refused key tries it for all; the others wait for the verdict.
    if (slot.refused) slot.outUntil = now + Math.min(this.#options.recheck, recheckPatience);
    const hasAlternative = () => {
      const present = this.#runtime.now();
      return this.#slots.some((other) => other !== slot && other.isReady(present));
    };
    return new TakenKey({ slot, number, runtime: this.#runtime, options: this.#options, hasAlternative });
  }
}

/** A key of the ring with what is known of it. Never leaves this file. */
class KeySlot {
  readonly #key: string;
  /** Changes with each refusal and return, so that attempts from before do not speak of the present. */
  epoch = 0;
  refused = false;
  outUntil = Number.NEGATIVE_INFINITY;
  restUntil = Number.NEGATIVE_INFINITY;
  restReason: 'rate_limit' | 'quota' = 'rate_limit';
  /** Others are used first until then. Nobody asked for it: with no other key it is used all the same. */
  avoidUntil = Number.NEGATIVE_INFINITY;
  acceptedAt = Number.NEGATIVE_INFINITY;

  constructor(key: string) {
    this.#key = key;
  }

  get key(): string {
    return this.#key;
  }

  availableAt(): number {
    return Math.max(this.outUntil, this.restUntil);
  }

  isReady(now: number): boolean {
    return Math.max(this.availableAt(), this.avoidUntil) <= now;
  }

  trouble(now: number): KeyTrouble {
    return this.outUntil > now ? 'auth' : this.restReason;
  }

  takeOut(until: number): void {
    this.refused = true;
    this.outUntil = until;
    this.acceptedAt = Number.NEGATIVE_INFINITY;
    this.epoch += 1;
  }

  readmit(): void {
    if (this.refused) this.epoch += 1;
    this.refused = false;
    this.outUntil = Number.NEGATIVE_INFINITY;
  }
}

interface TakenKeyInit {
  readonly slot: KeySlot;
  readonly number: number;
  readonly runtime: Runtime;
  readonly options: KeyRingOptions;
  readonly hasAlternative: () => boolean;
}

/** A key in use by one attempt, and the way to say how the provider took it. */
export class TakenKey {
  /** Place in the ring when it was taken, counted from 1. For records. */
  readonly number: number;
  readonly #init: TakenKeyInit;
  readonly #epoch: number;

  constructor(init: TakenKeyInit) {
    this.number = init.number;
    this.#init = init;
    this.#epoch = init.slot.epoch;
  }

  /** The secret itself. On the prototype, where JSON and inspection do not look unless told to. */
  get key(): string {
    return this.#init.slot.key;
  }

  /** Inspection can be told to read getters; here it reads this instead. */
  [inspect.custom](): string {
    return `TakenKey { number: ${this.number} }`;
  }

  /** Whether another key of the ring is as good to use now. */
  hasAlternative(): boolean {
    return this.#init.hasAlternative();
  }

  /** The provider let the key in, whatever it made of the request. */
  accepted(): void {
    const { slot, runtime } = this.#init;
    if (this.#epoch !== slot.epoch) return;
    slot.acceptedAt = runtime.now();
    slot.readmit();
  }

  /**
   * The provider refused the key. A 401 speaks of the key; a 403 often speaks of one model or resource only, and one
   * caller who asks for such must not take a working key from all others, so it counts only without a recent success.
   */
  refused(status?: number): void {
    const { slot, runtime, options } = this.#init;
    if (this.#epoch !== slot.epoch) return;
    const now = runtime.now();
    if (status === 403 && now - slot.acceptedAt < options.provenFor) return;
    slot.takeOut(now + options.recheck);
  }

  /** The provider wants the key left alone, for as long as it said. Where it said nothing, others go first for a while. */
  rateLimited(milliseconds?: number): void {
    if (milliseconds !== undefined) {
      this.#rest(milliseconds, 'rate_limit');
      return;
    }
    const { slot, runtime, options } = this.#init;
    slot.avoidUntil = runtime.now() + options.rest;
  }

  /** The account behind the key has nothing left: as hopeless for now as a refused key. */
  exhausted(milliseconds?: number): void {
    this.#rest(milliseconds ?? this.#init.options.recheck, 'quota');
  }

  #rest(milliseconds: number, reason: 'rate_limit' | 'quota'): void {
    const { slot, runtime } = this.#init;
    const until = runtime.now() + milliseconds;
    if (!Number.isFinite(until) || until <= slot.restUntil) return;
    slot.restUntil = until;
    slot.restReason = reason;
  }
}
