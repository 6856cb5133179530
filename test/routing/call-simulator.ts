import type { FaultKind } from '../../src/dialects/canonical.ts';
import { type AttemptProgress, decideFault, defaultFailoverCauses } from '../../src/routing/fault-policy.ts';
import { type Admitted, defaultHealth, type HealthOptions } from '../../src/routing/health.ts';
import { HealthRegistry } from '../../src/routing/health-registry.ts';
import { orderTargets, type Rankable, type Strategy } from '../../src/routing/order-targets.ts';
import { defaultRetryBudget, RetryBudget, type RetryStep } from '../../src/routing/retry-budget.ts';
import { type ManualRuntime, manualRuntime, seededRandom } from '../support/manual-runtime.ts';

/** What a target answers at a moment: a fault, or nothing wrong. */
export type Upstream = (target: string, now: number) => FaultKind | undefined;

export interface SimulatorInit {
  readonly targets: readonly Rankable[];
  readonly upstream: Upstream;
  readonly strategy?: Strategy;
  readonly maxAttempts?: number;
  readonly retryRatio?: number;
  readonly health?: Partial<HealthOptions>;
}

/**
 * The decision parts put together as a failover would, with upstreams that answer in no time: for the numbers that hold
 * over many calls and cannot be seen in one part alone.
 */
export class CallSimulator {
  readonly runtime: ManualRuntime = manualRuntime({ random: seededRandom(11) });
  readonly health: HealthRegistry;
  /** Upstream calls by target. */
  readonly calls = new Map<string, number>();
  /** Targets in the order they were called. */
  readonly log: string[] = [];
  readonly #init: SimulatorInit;
  readonly #budget: RetryBudget;

  constructor(init: SimulatorInit) {
    this.#init = init;
    this.health = new HealthRegistry(this.runtime, { ...defaultHealth, ...init.health });
    this.#budget = new RetryBudget(this.runtime, {
      ...defaultRetryBudget,
      ...(init.retryRatio !== undefined && { ratio: init.retryRatio }),
      targets: init.targets.length,
    });
  }

  get upstreamCalls(): number {
    return this.log.length;
  }

  /** One call; true when it was answered. */
  call(): boolean {
    const { targets, strategy = 'priority', maxAttempts = 3 } = this.#init;
    this.#budget.recordRequest();
    const order = orderTargets(targets, strategy, { health: this.health, runtime: this.runtime });
    const tried = new Map<string, { readonly again: boolean }>();
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const admission = this.#choose(
        order.map(({ id }) => id),
        tried,
      );
      if (admission === undefined) return false;
      const fault = this.#ask(admission.target);
      if (fault === undefined) {
        admission.succeed(1);
        return true;
      }
      const decision = decideFault({ kind: fault }, { progress: progressOf(fault) }, { on: defaultFailoverCauses });
      if (decision.countsAgainstHealth) admission.fail();
      else admission.release();
      if (!decision.nextTarget) return false;
      tried.set(admission.target, { again: decision.sameTarget });
    }
    return false;
  }

  /** A target not tried yet, else one that may be tried again, else an ejected one. */
  #choose(order: readonly string[], tried: ReadonlyMap<string, { readonly again: boolean }>): Admitted | undefined {
    const untried = order.filter((id) => !tried.has(id));
    const again = order.filter((id) => tried.get(id)?.again === true);
    for (const id of [...untried, ...again]) {
      const targetIsHealthy = this.health.isHealthy(id);
      const admission = this.health.admit(id);
      if (admission.kind === 'unavailable') continue;
      const move = { kind: 'move', earlierMoves: tried.size - 1, targetIsHealthy } as const;
      return this.#afford(admission, tried.has(id) ? { kind: 'retry' } : move, tried.size);
    }
    const lastResort = this.health.admitLastResort(untried);
    if (lastResort.kind === 'unavailable') return undefined;
    return this.#afford(lastResort, { kind: 'move', earlierMoves: 1, targetIsHealthy: false }, tried.size);
  }

  #afford(admission: Admitted, step: RetryStep, tried: number): Admitted | undefined {
    if (tried === 0 || this.#budget.allows(step)) return admission;
    admission.release();
    return undefined;
  }

  #ask(target: string): FaultKind | undefined {
    this.log.push(target);
    this.calls.set(target, (this.calls.get(target) ?? 0) + 1);
    return this.#init.upstream(target, this.runtime.now());
  }
}

/** Connections that break and answers that stay away do so after the request was sent. */
function progressOf(fault: FaultKind): AttemptProgress {
  return fault === 'connection' || fault === 'timeout' ? 'sent' : 'answered';
}
