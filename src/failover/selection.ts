import { takeKey } from '../attempt/take-key.ts';
import type { Call } from '../core/call.ts';
import type { GatewayError } from '../core/errors.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import type { Target } from '../providers/provider.ts';
import type { FaultDecision } from '../routing/fault-policy.ts';
import type { TargetWord } from '../routing/final-error.ts';
import type { Admitted } from '../routing/health.ts';
import type { TakenKey } from '../routing/key-ring.ts';
import { defaultBackoff, retryDelay } from '../routing/retry-delay.ts';
import type { Engine } from './engine.ts';

/** A target within one call. */
export interface Link {
  readonly target: Target;
  tries: number;
  /** The target cannot take this request, whatever its health. */
  unfit: GatewayError | undefined;
  /** The last failure and what it allows. */
  last: LastFailure | undefined;
  /** Runtime milliseconds when a key can be used again, as far as known. */
  keyAvailableAt: number;
}

export interface LastFailure {
  readonly fault: UpstreamFault;
  readonly decision: FaultDecision;
  /** Whether the target had another key that was as good to use. */
  readonly anotherKey: boolean;
}

/** Who is tried next. */
export interface Choice {
  readonly link: Link;
  readonly admission: Admitted;
  readonly key: TakenKey | undefined;
}

export interface SelectionInit {
  readonly engine: Engine;
  readonly call: Call;
  /** In order of trial. */
  readonly targets: readonly Target[];
  /** Runtime milliseconds. */
  readonly deadlineAt: number;
}

/** Chooses the targets of one call, one after another, and remembers what each had to say. */
export class Selection {
  readonly links: readonly Link[];
  readonly words: TargetWord[] = [];
  readonly #init: SelectionInit;
  #moves = 0;
  #previous: Link | undefined;

  constructor(init: SelectionInit) {
    this.#init = init;
    this.links = init.targets.map((target) => ({
      target,
      tries: 0,
      unfit: undefined,
      last: undefined,
      keyAvailableAt: 0,
    }));
  }

  /** The target tried last. */
  get previous(): Link | undefined {
    return this.#previous;
  }

  /** Milliseconds until the deadline, by the clock it was set on. */
  timeLeft(): number {
    return this.#init.deadlineAt - this.#init.call.runtime.now();
  }

  /** Milliseconds until some target could take the request. */
  recoversIn(): number {
    const { health, runtime } = this.#init.engine;
    const now = runtime.now();
    const waits = this.links
      .filter((link) => link.unfit === undefined)
      .map((link) => Math.max(health.availableIn([link.target.id]), link.keyAvailableAt - now));
    return Math.max(0, Math.min(...waits));
  }

  /**
   * A target that has not been tried and takes attempts, else one that may be tried again (after a wait), else, of the
   * ejected ones, the one that failed longest ago. `undefined` when the call has to give up. A promise only where it may
   * have to wait.
   */
  next(): Choice | undefined | Promise<Choice | undefined> {
    const choice = this.#untried();
    return choice === undefined ? this.#nextAgain() : this.#affordableChoice(choice);
  }

  async #nextAgain(): Promise<Choice | undefined> {
    return this.#affordableChoice((await this.#again()) ?? this.#lastResort());
  }

  #affordableChoice(choice: Choice | undefined): Choice | undefined {
    if (choice === undefined) return undefined;
    if (!this.#affordable(choice.link)) {
      choice.admission.release();
      return undefined;
    }
    return choice;
  }

  /** The choice is being made use of. */
  taken({ link }: Choice): void {
    const { engine, call } = this.#init;
    if (this.#previous !== undefined && this.#previous !== link) {
      this.#moves += 1;
      engine.emit({
        type: 'failed-over',
        callId: call.id,
        from: this.#previous.target.id,
        to: link.target.id,
        fault: this.#previous.last?.fault.kind ?? 'unknown',
      });
    }
    link.tries += 1;
    this.#previous = link;
  }

  #untried(): Choice | undefined {
    for (const link of this.links) {
      if (link.tries > 0 || link.unfit !== undefined) continue;
      const choice = this.#admit(link);
      if (choice !== undefined) return choice;
    }
    return undefined;
  }

  async #again(): Promise<Choice | undefined> {
    const { cancellation } = this.#init.call;
    for (const link of this.links) {
      const delay = this.#retryDelay(link);
      if (delay === undefined) continue;
      if (delay > 0) await this.#wait(delay);
      if (cancellation.reason !== undefined) return undefined;
      const choice = this.#admit(link);
      if (choice !== undefined) return choice;
      link.last = undefined;
    }
    return undefined;
  }

  #lastResort(): Choice | undefined {
    const fit = this.links.filter((link) => link.unfit === undefined && link.tries === 0);
    if (fit.length === 0) return undefined;
    const admission = this.#init.engine.health.admitLastResort(fit.map((link) => link.target.id));
    if (admission.kind === 'unavailable') return undefined;
    const link = fit.find((candidate) => candidate.target.id === admission.target);
    return link === undefined ? undefined : this.#withKey(link, admission);
  }

  #admit(link: Link): Choice | undefined {
    const admission = this.#init.engine.health.admit(link.target.id);
    if (admission.kind === 'admit') return this.#withKey(link, admission);
    this.words.push({ target: link.target.id, unavailable: admission.reason });
    return undefined;
  }

  #withKey(link: Link, admission: Admitted): Choice | undefined {
    const taken = takeKey(this.#init.engine.link(link.target), this.#init.call);
    if (taken === undefined || 'number' in taken) return { link, admission, key: taken };
    admission.release();
    link.keyAvailableAt = taken.availableAt;
    this.words.push({ target: link.target.id, unavailable: taken.reason });
    return undefined;
  }

  /** Milliseconds until a tried target may be tried again; `undefined` for never. */
  #retryDelay({ last, tries, unfit }: Link): number | undefined {
    const { engine } = this.#init;
    if (last === undefined || unfit !== undefined || !last.decision.sameTarget || tries > engine.settings.retries) {
      return undefined;
    }
    // Another key has not been asked yet: there is nothing to wait for.
    if (last.decision.key !== 'keep' && last.anotherKey) return 0;
    return retryDelay(
      {
        kind: last.fault.kind,
        retries: tries - 1,
        timeLeft: this.timeLeft(),
        ...(last.fault.retryAfterMs !== undefined && { retryAfterMs: last.fault.retryAfterMs }),
      },
      defaultBackoff,
      engine.runtime.random,
    );
  }

  /** Retries and moves are paid for from the engine's budget, all but the first move to a healthy target. */
  #affordable(link: Link): boolean {
    const { engine } = this.#init;
    if (this.#previous === undefined) return true;
    if (link === this.#previous) return engine.budget.allows({ kind: 'retry' });
    const targetIsHealthy = engine.health.isHealthy(link.target.id);
    return engine.budget.allows({ kind: 'move', earlierMoves: this.#moves, targetIsHealthy });
  }

  #wait(delay: number): Promise<void> {
    const { engine, call } = this.#init;
    return new Promise((resolve) => {
      let forget: (() => void) | undefined;
      const timer = engine.runtime.after(delay, () => {
        forget?.();
        resolve();
      });
      forget = call.cancellation.onCancel(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
