import { timeMissed } from '../core/patience.ts';
import type { Runtime, Timer } from '../core/runtime.ts';

/** Which time limit ran out. */
export type Expiry = 'first-token' | 'idle' | 'total' | 'deadline';

export interface AttemptLimits {
  /** Milliseconds from the start until the first real output. */
  readonly firstToken: number;
  /** Longest silence after that, in milliseconds. */
  readonly idle: number;
  /** Milliseconds from the start until the end. */
  readonly total: number;
  /** When the call's deadline for its first output passes, as `Runtime.now` counts; absent for none. */
  readonly deadlineAt?: number;
}

/** Watches all time limits of one attempt with one timer: activity only moves a number, the timer looks at it when it fires. */
export class Watchdog {
  readonly #runtime: Runtime;
  readonly #limits: AttemptLimits;
  readonly #onExpire: (expiry: Expiry) => void;
  readonly #startedAt: number;
  #lastActivity: number;
  /** What this process missed of the silence so far, and what is given for it. */
  #extra = 0;
  #streaming = false;
  #paused = false;
  #timer: Timer | undefined;

  constructor(runtime: Runtime, limits: AttemptLimits, onExpire: (expiry: Expiry) => void) {
    this.#runtime = runtime;
    this.#limits = limits;
    this.#onExpire = onExpire;
    this.#startedAt = runtime.now();
    this.#lastActivity = this.#startedAt;
    this.#arm();
  }

  /** The provider sent something. */
  activity(): void {
    this.#lastActivity = this.#runtime.now();
    if (this.#streaming) this.#extra = 0;
  }

  /** The first real output is there: from now on silence counts, not the way to the first token. */
  firstOutput(): void {
    this.#streaming = true;
    this.activity();
    this.#arm();
  }

  /** We have stopped reading; the provider's silence is our own. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.activity();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #next(): { readonly at: number; readonly expiry: Expiry } {
    const total = this.#startedAt + this.#limits.total;
    if (this.#streaming) {
      const idle = (this.#paused ? this.#runtime.now() : this.#lastActivity) + this.#limits.idle + this.#extra;
      return idle < total ? { at: idle, expiry: 'idle' } : { at: total, expiry: 'total' };
    }
    const firstToken = this.#startedAt + this.#limits.firstToken + this.#extra;
    const deadline = this.#limits.deadlineAt ?? Number.POSITIVE_INFINITY;
    if (deadline <= Math.min(firstToken, total)) return { at: deadline, expiry: 'deadline' };
    return firstToken <= total ? { at: firstToken, expiry: 'first-token' } : { at: total, expiry: 'total' };
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = this.#runtime.after(Math.max(1, Math.ceil(this.#next().at - this.#runtime.now())), () => {
      const { at, expiry } = this.#next();
      const late = this.#runtime.now() - at;
      if (late < -0.5 || this.#missed(expiry, late)) {
        this.#arm();
        return;
      }
      this.stop();
      this.#onExpire(expiry);
    });
  }

  /** Whether a provider gets more time because we could not listen to it; promises to the caller are kept to the letter. */
  #missed(expiry: Expiry, late: number): boolean {
    if (this.#extra > 0 || expiry === 'total' || expiry === 'deadline') return false;
    const missed = timeMissed(late, expiry === 'idle' ? this.#limits.idle : this.#limits.firstToken);
    if (missed > 0) this.#extra = late + missed;
    return missed > 0;
  }
}
