import type { Runtime } from '../core/runtime.ts';

export interface CircuitBreakerInit {
  readonly runtime: Pick<Runtime, 'now'>;
  /** Asks the server whether it is back. Not waited for by anybody's request. */
  readonly probe: () => Promise<unknown>;
  /** Failures in a row after which nobody waits any more. @default 5 */
  readonly failures?: number;
  /** Milliseconds between two probes. @default 250 */
  readonly probeEvery?: number;
}

/**
 * Spares requests the wait for a server that does not answer. After some failures in a row it is open: whoever asks is
 * told at once, and now and then a probe goes out beside the request that happens to ask. Only a probe closes it.
 */
export class CircuitBreaker {
  readonly #init: Required<CircuitBreakerInit>;
  #failures = 0;
  #open = false;
  #probing = false;
  #probedAt = 0;

  constructor(init: CircuitBreakerInit) {
    this.#init = { failures: 5, probeEvery: 250, ...init };
  }

  /** Whether the server may be asked now. */
  allows(): boolean {
    if (!this.#open) return true;
    const now = this.#init.runtime.now();
    if (!this.#probing && now - this.#probedAt >= this.#init.probeEvery) this.#probe(now);
    return false;
  }

  succeeded(): void {
    if (!this.#open) this.#failures = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#open || this.#failures < this.#init.failures) return;
    this.#open = true;
    this.#probedAt = this.#init.runtime.now();
  }

  /** One at a time: a server that hangs answers the first when it goes on, and has nothing else piled up. */
  #probe(now: number): void {
    this.#probing = true;
    this.#probedAt = now;
    this.#init.probe().then(
      () => {
        this.#probing = false;
        this.#open = false;
        this.#failures = 0;
      },
      () => {
        this.#probing = false;
      },
    );
  }
}
