import type { Runtime } from '../core/runtime.ts';
import { FailureStreak } from './failure-streak.ts';
import type { Admitted, HealthEvent, HealthOptions, Standing, TargetSnapshot, Unavailable } from './health.ts';
import { MovingAverage } from './moving-average.ts';

type Role = Admitted['role'];
type Verdict = 'success' | 'failure' | 'neutral';

/** What the states of all targets share. */
export interface HealthContext {
  readonly runtime: Runtime;
  readonly options: HealthOptions;
  emit(event: HealthEvent): void;
}

const never = Number.NEGATIVE_INFINITY;
/** Share of its load a target takes at the start of its slow start. */
const firstLoad = 0.1;
/** Jitter of an ejection, as a share of the cooldown and in milliseconds: enough to part replicas, too little to notice. */
const jitterShare = 0.05;
const mostJitter = 500;

/**
 * One target's state: in rotation, or ejected with at most one attempt under way that may bring it back. Attempts that
 * began before the last ejection or recovery (an older epoch) say nothing of the present state and do not change it.
 */
export class TargetHealth {
  readonly id: string;
  readonly #context: HealthContext;
  /** Runtime milliseconds of the last admission, for forgetting targets nobody uses. */
  usedAt = never;
  #epoch = 0;
  #ejected = false;
  #ejectedUntil = never;
  #coolUntil = never;
  #avoidUntil = never;
  /** Out of rate, and has not shown since then that it works. */
  #limited = false;
  /** An attempt that may end the ejection is under way. */
  #probing = false;
  readonly #streak = new FailureStreak();
  #timesEjected = 0;
  #failedAt = never;
  #recoveredAt = never;
  readonly #latency = new MovingAverage();
  readonly #errorRate = new MovingAverage();

  constructor(id: string, context: HealthContext) {
    this.id = id;
    this.#context = context;
  }

  get probing(): boolean {
    return this.#probing;
  }

  get ejected(): boolean {
    return this.#ejected;
  }

  /** Ejected, but not for asking to be left alone: a last resort may go there. */
  admitsEarly(now: number): boolean {
    return this.#ejected && !this.#probing && now >= this.#coolUntil;
  }

  get failedAt(): number {
    return this.#failedAt;
  }

  get latency(): number | undefined {
    return this.#latency.value;
  }

  standing(now: number): Standing {
    if (this.#ejected && (this.#probing || now < this.#ejectedUntil)) return 'ejected';
    if (now < Math.max(this.#coolUntil, this.#avoidUntil)) return 'cooling';
    if (this.#ejected) return 'probe_due';
    return now - this.#recoveredAt < this.#context.options.slowStart ? 'warming' : 'ready';
  }

  /** In rotation, and nothing has failed since the last success. */
  isHealthy(now: number): boolean {
    return !this.#ejected && !this.#limited && now >= this.#coolUntil && this.#streak.length === 0;
  }

  /** The part of its share that the target should take, in (0, 1]. */
  loadFactor(now: number): number {
    const warmth = (now - this.#recoveredAt) / this.#context.options.slowStart;
    return warmth >= 1 ? 1 : Math.max(firstLoad, warmth);
  }

  availableAt(now: number): number {
    return Math.max(now, this.#coolUntil, this.#ejected ? this.#ejectedUntil : never);
  }

  admit(now: number): Admitted | Unavailable {
    if (this.standing(now) === 'ejected') return this.unavailable(now, 'ejected');
    if (now < this.#coolUntil) return this.unavailable(now, 'cooling');
    if (!this.#ejected) return this.#admitAs('ordinary', now);
    const admission = this.#admitAs('probe', now);
    this.#context.emit({ type: 'probing', target: this.id });
    return admission;
  }

  /** Lets one attempt through before the cooldown is over. The caller has seen to it that no other is under way. */
  admitEarly(now: number): Admitted {
    return this.#admitAs('last_resort', now);
  }

  unavailable(now: number, standing: 'ejected' | 'cooling'): Unavailable {
    const reason = standing === 'cooling' ? 'rate_limit' : 'ejected';
    return { kind: 'unavailable', reason, until: this.availableAt(now) };
  }

  coolDown(until: number): void {
    if (until > this.#coolUntil && Number.isFinite(until)) this.#coolUntil = until;
  }

  avoid(until: number): void {
    this.#limited = true;
    if (until > this.#avoidUntil && Number.isFinite(until)) this.#avoidUntil = until;
  }

  /** Called once per admission. */
  conclude(admission: Admission, verdict: Verdict, latency: number | undefined): void {
    if (verdict !== 'neutral') this.#sample(verdict, latency);
    if (admission.epoch !== this.#epoch) return;
    const now = this.#context.runtime.now();
    if (admission.role !== 'ordinary') this.#probing = false;
    if (verdict === 'success') this.#succeeded(admission.role, now);
    else if (verdict === 'failure') this.#failed(admission.role, now);
  }

  snapshot(): TargetSnapshot {
    const { runtime } = this.#context;
    const now = runtime.now();
    const latencyMs = this.#latency.value;
    return {
      target: this.id,
      status: this.#probing ? 'probing' : statusOf[this.standing(now)],
      consecutiveFailures: this.#streak.length,
      errorRate: this.#errorRate.value ?? 0,
      ...(latencyMs !== undefined && { latencyMs }),
      ...(this.#ejected && { ejectedUntil: runtime.wallTime() + this.#ejectedUntil - now }),
    };
  }

  #admitAs(role: Role, now: number): Admitted {
    this.usedAt = now;
    if (role !== 'ordinary') this.#probing = true;
    return new Admission(this, role, this.#epoch);
  }

  #succeeded(role: Role, now: number): void {
    this.#streak.succeed();
    this.#limited = false;
    if (role === 'ordinary') return;
    this.#ejected = false;
    this.#recoveredAt = now;
    this.#epoch += 1;
    this.#context.emit({ type: 'recovered', target: this.id });
  }

  #failed(role: Role, now: number): void {
    this.#streak.fail();
    this.#failedAt = now;
    // A last resort came before its time: its failure tells nothing new and must not put off the next probe.
    if (role === 'last_resort') return;
    if (role === 'probe' || this.#streak.isOutage(this.#context.options.consecutiveFailures)) this.#eject(now);
  }

  #eject(now: number): void {
    const { options, runtime } = this.#context;
    // One that has been back for a whole cooldown has earned a fresh start.
    const relapsed = this.#ejected || now - this.#recoveredAt < options.cooldown;
    this.#timesEjected = relapsed ? this.#timesEjected + 1 : 1;
    const jitter = Math.min(mostJitter, options.cooldown * jitterShare);
    const longest = Math.max(options.maxCooldown, options.cooldown + jitter) - jitter;
    const duration = Math.min(options.cooldown * this.#timesEjected, longest) + runtime.random() * jitter;
    this.#ejected = true;
    this.#ejectedUntil = now + duration;
    this.#epoch += 1;
    this.#context.emit({
      type: 'ejected',
      target: this.id,
      durationMs: duration,
      timesEjected: this.#timesEjected,
      consecutiveFailures: this.#streak.length,
    });
  }

  #sample(verdict: 'success' | 'failure', latency: number | undefined): void {
    this.#errorRate.add(verdict === 'failure' ? 1 : 0);
    if (verdict === 'success' && latency !== undefined) this.#latency.add(latency);
  }
}

const statusOf = {
  ready: 'healthy',
  warming: 'recovering',
  cooling: 'rate_limited',
  ejected: 'ejected',
  probe_due: 'ejected',
} as const satisfies Record<Standing, TargetSnapshot['status']>;

class Admission implements Admitted {
  readonly kind = 'admit';
  readonly target: string;
  readonly role: Role;
  readonly epoch: number;
  readonly #health: TargetHealth;
  #concluded = false;

  constructor(health: TargetHealth, role: Role, epoch: number) {
    this.#health = health;
    this.target = health.id;
    this.role = role;
    this.epoch = epoch;
  }

  succeed(latencyMs?: number): void {
    this.#conclude('success', latencyMs);
  }

  fail(): void {
    this.#conclude('failure', undefined);
  }

  release(): void {
    this.#conclude('neutral', undefined);
  }

  #conclude(verdict: Verdict, latencyMs: number | undefined): void {
    if (this.#concluded) return;
    this.#concluded = true;
    this.#health.conclude(this, verdict, latencyMs);
  }
}
