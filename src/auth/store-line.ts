import { patience } from '../core/patience.ts';
import { isPromiseLike } from '../core/promise-like.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Awaitable } from './key-store.ts';

/** Milliseconds between two questions to a store that does not answer. */
const retryAfter = 1000;

/** The answer of a store; `undefined` when there was none in time. */
export type StoreAnswer<Value> = { readonly value: Value } | undefined;

/** Asks a store, waits no longer than agreed, and remembers when it does not answer. */
export class StoreLine {
  readonly #timeoutMs: number;
  readonly #runtime: Pick<Runtime, 'now' | 'after'>;
  readonly #onFault: (thrown: unknown) => void;
  #retryAt: number | undefined;

  constructor(timeoutMs: number, runtime: Pick<Runtime, 'now' | 'after'>, onFault: (thrown: unknown) => void) {
    this.#timeoutMs = timeoutMs;
    this.#runtime = runtime;
    this.#onFault = onFault;
  }

  /** Whether the last question was not answered. */
  get down(): boolean {
    return this.#retryAt !== undefined;
  }

  /** Whether it is time to ask a store that is down once more. */
  get retryIsDue(): boolean {
    return this.#retryAt !== undefined && this.#runtime.now() >= this.#retryAt;
  }

  ask<Value>(question: () => Awaitable<Value>): Awaitable<StoreAnswer<Value>> {
    let answer: Awaitable<Value>;
    try {
      answer = question();
    } catch (thrown) {
      return this.#failed(thrown);
    }
    return isPromiseLike(answer) ? this.#wait(answer) : this.#answered(answer);
  }

  #wait<Value>(answer: Promise<Value>): Promise<StoreAnswer<Value>> {
    return new Promise((resolve) => {
      const timer = patience(this.#runtime, this.#timeoutMs, () =>
        resolve(this.#failed(new Error(`The store of keys has not answered within ${this.#timeoutMs} ms.`))),
      );
      answer.then(
        (value) => {
          timer.cancel();
          // Also when nobody waits for this answer any more: the store is there.
          resolve(this.#answered(value));
        },
        (thrown: unknown) => {
          timer.cancel();
          resolve(this.#failed(thrown));
        },
      );
    });
  }

  #answered<Value>(value: Value): StoreAnswer<Value> {
    this.#retryAt = undefined;
    return { value };
  }

  #failed(thrown: unknown): undefined {
    const wasUp = this.#retryAt === undefined;
    this.#retryAt = this.#runtime.now() + retryAfter;
    if (wasUp) this.#onFault(thrown);
    return undefined;
  }
}
