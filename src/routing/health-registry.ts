import type { Runtime } from '../core/runtime.ts';
import type { Admission, HealthEvent, HealthOptions, Standing, TargetSnapshot } from './health.ts';
import type { OwnHealth } from './health-settings.ts';
import { type HealthContext, TargetHealth } from './target-health.ts';

export interface HealthRegistryOptions extends HealthOptions {
  /** What one target has of its own. */
  readonly of?: (target: string) => Partial<OwnHealth> | undefined;
}

/**
 * The health of all targets of a gateway instance, learnt from its own traffic (passive outlier ejection). Targets are
 * named by any string; one never seen is `ready`.
 */
export class HealthRegistry {
  readonly #targets = new Map<string, TargetHealth>();
  readonly #context: HealthContext;
  readonly #optionsOf: HealthRegistryOptions['of'];

  /** @param listener hears of ejections, probes and recoveries; what it throws is lost */
  constructor(runtime: Runtime, options: HealthRegistryOptions, listener?: (event: HealthEvent) => void) {
    this.#context = { runtime, options, emit: (event) => tell(listener, event) };
    this.#optionsOf = options.of;
  }

  /** Asks leave for one attempt. */
  admit(id: string): Admission {
    const now = this.#context.runtime.now();
    return this.#target(id).admit(now);
  }

  /**
   * When none of the targets that a call has left takes an attempt: leave for one at the ejected target that failed
   * longest ago, as long as no attempt of its kind is under way at any of them. Else the soonest time when one may.
   */
  admitLastResort(ids: readonly string[]): Admission {
    const now = this.#context.runtime.now();
    const targets = ids.map((id) => this.#target(id));
    const standings = targets.map((target) => target.standing(now));
    const allOut = standings.every((standing) => standing === 'ejected' || standing === 'cooling');
    if (allOut && !targets.some((target) => target.probing)) {
      const choice = leastRecentlyFailed(targets.filter((target) => target.admitsEarly(now)));
      if (choice !== undefined) return choice.admitEarly(now);
    }
    const allLimited = targets.length > 0 && standings.every((standing) => standing === 'cooling');
    return {
      kind: 'unavailable',
      reason: allLimited ? 'rate_limit' : 'ejected',
      until: now + this.availableIn(ids),
    };
  }

  /** A target asked to be left alone until `until` (runtime milliseconds). It is not unhealthy for that. */
  coolDown(id: string, until: number): void {
    this.#target(id).coolDown(until);
  }

  /**
   * The target was out of rate: others go first until `until` (runtime milliseconds). Nobody asked for it, so a call
   * that has no others may go there all the same: limits that are hit now and then must not close a target that serves
   * most calls.
   */
  avoid(id: string, until: number): void {
    this.#target(id).avoid(until);
  }

  standing(id: string, now: number): Standing {
    return this.#targets.get(id)?.standing(now) ?? 'ready';
  }

  /** In rotation, and nothing has failed there since the last success. */
  isHealthy(id: string): boolean {
    return this.#targets.get(id)?.isHealthy(this.#context.runtime.now()) ?? true;
  }

  /** The part of its share that a target should take, in (0, 1]: below 1 while it is `warming`. */
  loadFactor(id: string, now: number): number {
    return this.#targets.get(id)?.loadFactor(now) ?? 1;
  }

  /** Average of a target's recent times to the first real output, in milliseconds. */
  latency(id: string): number | undefined {
    return this.#targets.get(id)?.latency;
  }

  /** Milliseconds until the first of the targets may take an attempt; 0 when one may now, or when there is none. */
  availableIn(ids: readonly string[]): number {
    const now = this.#context.runtime.now();
    let soonest = Number.POSITIVE_INFINITY;
    for (const id of ids) soonest = Math.min(soonest, this.#targets.get(id)?.availableAt(now) ?? now);
    return Number.isFinite(soonest) ? soonest - now : 0;
  }

  snapshot(): readonly TargetSnapshot[] {
    return Array.from(this.#targets.values(), (target) => target.snapshot());
  }

  #target(id: string): TargetHealth {
    const known = this.#targets.get(id);
    if (known !== undefined) return known;
    if (this.#targets.size >= this.#context.options.maxTargets) this.#forgetOne();
    const target = new TargetHealth(id, this.#contextOf(id));
    this.#targets.set(id, target);
    return target;
  }

  #contextOf(id: string): HealthContext {
    const own = this.#optionsOf?.(id);
    return own === undefined ? this.#context : { ...this.#context, options: { ...this.#context.options, ...own } };
  }

  /** Forgets the target unused for longest, of those that are in rotation where there are any. */
  #forgetOne(): void {
    const now = this.#context.runtime.now();
    let oldest: TargetHealth | undefined;
    let oldestRank = Number.POSITIVE_INFINITY;
    for (const target of this.#targets.values()) {
      // One with a probe under way stays: forgotten, it could be probed twice.
      if (target.probing) continue;
      const rank = target.availableAt(now) > now || target.ejected ? 1 : 0;
      if (rank > oldestRank || (rank === oldestRank && oldest !== undefined && target.usedAt >= oldest.usedAt))
        continue;
      oldest = target;
      oldestRank = rank;
    }
    if (oldest !== undefined) this.#targets.delete(oldest.id);
  }
}

function leastRecentlyFailed(targets: readonly TargetHealth[]): TargetHealth | undefined {
  let choice: TargetHealth | undefined;
  for (const target of targets) {
    if (choice === undefined || target.failedAt < choice.failedAt) choice = target;
  }
  return choice;
}

function tell(listener: ((event: HealthEvent) => void) | undefined, event: HealthEvent): void {
  try {
    listener?.(event);
  } catch {
    // A listener's bug (its log, its webhook) must not fail the call that happened to eject a target.
  }
}
