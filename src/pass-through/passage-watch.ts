import { patience } from '../core/patience.ts';
import type { Runtime, Timer } from '../core/runtime.ts';

/** Which limit was passed. */
export type PassageLimit = 'connect' | 'first_byte' | 'idle' | 'total';

/** One direction of silence that is being listened to. */
export interface Silence {
  readonly limit: 'first_byte' | 'idle';
  /** Milliseconds. */
  readonly longest: number;
  /** Grows with every byte that moves. */
  activity(): number;
  /** True while it is not the provider's turn: the caller is slow. */
  held(): boolean;
}

/** How often silence is looked at, as a share of what is allowed. */
const looks = 10;
const longestPause = 1_000;

/**
 * The time limits of a passage. Silence is measured by looking at byte counts now and then: a timer that each chunk
 * moves would cost more than the chunk.
 */
export class PassageWatch {
  readonly #runtime: Runtime;
  readonly #onExpire: (limit: PassageLimit) => void;
  readonly #total: Timer;
  #connect: Timer | undefined;
  #look: Timer | undefined;

  constructor(runtime: Runtime, total: number, onExpire: (limit: PassageLimit) => void) {
    this.#runtime = runtime;
    this.#onExpire = onExpire;
    this.#total = runtime.after(total, () => this.#expire('total'));
  }

  connecting(longest: number): void {
    this.#connect = patience(this.#runtime, longest, () => this.#expire('connect'));
  }

  connected(): void {
    this.#connect?.cancel();
  }

  /** In place of what was listened to before. */
  listen(silence: Silence): void {
    this.#look?.cancel();
    this.#lookAgain(silence, silence.activity(), 0);
  }

  stop(): void {
    this.#total.cancel();
    this.#connect?.cancel();
    this.#look?.cancel();
  }

  /** Counts pauses, not the time they took: when this process is held up, the silence is not the provider's. */
  #lookAgain(silence: Silence, last: number, quiet: number): void {
    const pause = Math.min(longestPause, Math.ceil(silence.longest / looks), silence.longest - quiet);
    this.#look = this.#runtime.after(pause, () => {
      const activity = silence.activity();
      if (activity !== last || silence.held()) this.#lookAgain(silence, activity, 0);
      else if (quiet + pause >= silence.longest) this.#expire(silence.limit);
      else this.#lookAgain(silence, last, quiet + pause);
    });
  }

  #expire(limit: PassageLimit): void {
    this.stop();
    this.#onExpire(limit);
  }
}
