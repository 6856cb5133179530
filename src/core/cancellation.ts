/** Why a call was stopped from outside. */
export type CancelReason = 'client_gone' | 'shutting_down';

/**
 * Tells whoever works on a call that nobody waits for it any more. A plain list of listeners: creating an AbortSignal
 * for each call costs more than all of this; `signal` makes one for APIs that need it.
 */
export class Cancellation {
  #reason: CancelReason | undefined;
  #listeners: Set<(reason: CancelReason) => void> | undefined;

  get reason(): CancelReason | undefined {
    return this.#reason;
  }

  /** Calls the listener once, at once when already cancelled. Returns how to forget it. */
  onCancel(listener: (reason: CancelReason) => void): () => void {
    if (this.#reason !== undefined) {
      listener(this.#reason);
      return () => {};
    }
    this.#listeners ??= new Set();
    const listeners = this.#listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** The first reason wins; later calls do nothing. */
  cancel(reason: CancelReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    const listeners = this.#listeners;
    this.#listeners = undefined;
    listeners?.forEach((listener) => {
      listener(reason);
    });
  }

  /** The same as an `AbortSignal`, for `fetch` and the like. */
  signal(): AbortSignal {
    const controller = new AbortController();
    this.onCancel((reason) => controller.abort(new DOMException(reason, 'AbortError')));
    return controller.signal;
  }
}
