import type { Runtime } from '../core/runtime.ts';

export interface RetryBudgetOptions {
  /** Tokens each request adds: 0.2 lets retries be a fifth of the requests. `Infinity` lifts the budget. */
  readonly ratio: number;
  /** Tokens per target that stand ready without traffic, so that a quiet gateway can retry too. Also the most that is saved up. */
  readonly floorPerTarget: number;
  /** Milliseconds in which an empty floor fills up again when requests add less than that. */
  readonly floorRefill: number;
  /** How many targets share the budget. */
  readonly targets: number;
}

export const defaultRetryBudget: Omit<RetryBudgetOptions, 'targets'> = {
  ratio: 0.2,
  floorPerTarget: 3,
  floorRefill: 60_000,
};

/** What a call wants to do after a failed attempt. */
export type RetryStep =
  | { readonly kind: 'retry' }
  | {
      readonly kind: 'move';
      /** Moves of this call before this one. */
      readonly earlierMoves: number;
      /** Whether the target it moves to is known to work. */
      readonly targetIsHealthy: boolean;
    };

/**
 * Keeps retries from feeding an outage: one per gateway instance, shared by all its calls. Over any run of failing
 * requests the extra upstream calls stay within `ratio` of the requests plus the floor; unused tokens are not saved up
 * beyond the floor, because a long calm would else pay for a storm.
 *
 * After https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking (20 %, at least 3).
 */
export class RetryBudget {
  readonly #runtime: Runtime;
  readonly #ratio: number;
  readonly #most: number;
  readonly #refillPerMs: number;
  #tokens: number;
  #recordedAt: number;

  constructor(runtime: Runtime, options: RetryBudgetOptions) {
    const floor = options.floorPerTarget * options.targets;
    this.#runtime = runtime;
    this.#ratio = options.ratio;
    // Less than one token would never pay for anything.
    this.#most = Math.max(floor, 1);
    this.#refillPerMs = floor / options.floorRefill;
    this.#tokens = floor;
    this.#recordedAt = runtime.now();
  }

  /** A call has begun. */
  recordRequest(): void {
    const now = this.#runtime.now();
    // Either the request adds its share or the time since the last one does, never both: the bound above stays exact.
    const gain = Math.max(this.#ratio, (now - this.#recordedAt) * this.#refillPerMs);
    this.#recordedAt = now;
    this.#tokens = Math.min(this.#most, this.#tokens + gain);
  }

  /**
   * Whether the step may be taken; takes a token when it costs one. The first move to a healthy target is never refused.
   * It takes from the upper half of the floor, as long as there is one: at the beginning of an outage targets are still
   * thought healthy, and those moves belong to the storm as well.
   */
  allows(step: RetryStep): boolean {
    if (this.#ratio === Number.POSITIVE_INFINITY) return true;
    if (step.kind === 'move' && step.earlierMoves === 0 && step.targetIsHealthy) {
      if (this.#tokens - 1 >= this.#most / 2) this.#tokens -= 1;
      return true;
    }
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
