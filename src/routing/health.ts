/** Times in milliseconds. */
export interface HealthOptions {
  /**
   * Countable failures in a row that eject a target; up to four times as many where it usually fails often.
   * `Infinity` never ejects.
   */
  readonly consecutiveFailures: number;
  /** First ejection; the n-th in a row lasts n times as long. */
  readonly cooldown: number;
  /** Longest ejection. */
  readonly maxCooldown: number;
  /** Time in which a recovered target grows to its full load. */
  readonly slowStart: number;
  /** How many targets are remembered. Callers can name any model, so there is no natural end. */
  readonly maxTargets: number;
}

/** Numbers of https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier */
export const defaultHealth: HealthOptions = {
  consecutiveFailures: 5,
  cooldown: 30_000,
  maxCooldown: 300_000,
  slowStart: 10_000,
  maxTargets: 1000,
};

/**
 * Where a target stands in the rotation: `ready`; `warming` after a recovery; `probe_due` when its ejection is over
 * and nobody has tried it yet; `cooling` when it is out of rate and others go first; `ejected`, also while a probe is
 * under way.
 */
export type Standing = 'ready' | 'warming' | 'probe_due' | 'cooling' | 'ejected';

/** Whether a target takes an attempt now. */
export type Admission = Admitted | Unavailable;

/**
 * Leave for one attempt. Exactly one of `succeed`, `fail` and `release` must be called, on every path out; further
 * calls do nothing. A probe holds the target's only place until then, so report success at the first real output.
 */
export interface Admitted {
  readonly kind: 'admit';
  /** Which target was admitted; `admitLastResort` chooses among several. */
  readonly target: string;
  /** `probe`: the target's return depends on it. `last_resort`: the same, before the target's time has come. */
  readonly role: 'ordinary' | 'probe' | 'last_resort';
  /** The target works. `latencyMs`: time to the first real output. */
  succeed(latencyMs?: number): void;
  /** The target failed, and it counts. */
  fail(): void;
  /** Nothing was learnt of the target: the caller went, the caller's own mistake, a rate limit, a refused key. */
  release(): void;
}

export interface Unavailable {
  readonly kind: 'unavailable';
  readonly reason: 'rate_limit' | 'ejected';
  /** Runtime milliseconds when another try makes sense; the present when a probe is under way. */
  readonly until: number;
}

export type HealthEvent =
  | {
      readonly type: 'ejected';
      readonly target: string;
      readonly durationMs: number;
      /** Ejections since the target was last well: 1 for the first. */
      readonly timesEjected: number;
      readonly consecutiveFailures: number;
    }
  | { readonly type: 'probing'; readonly target: string }
  | { readonly type: 'recovered'; readonly target: string };

/** A target's health for people and dashboards. */
export interface TargetSnapshot {
  readonly target: string;
  readonly status: 'healthy' | 'recovering' | 'rate_limited' | 'ejected' | 'probing';
  readonly consecutiveFailures: number;
  /** Share of recent attempts that failed, 0 to 1. */
  readonly errorRate: number;
  /** Average of recent times to the first real output. */
  readonly latencyMs?: number;
  /** Milliseconds since 1970; may be past when nobody has tried the target since. */
  readonly ejectedUntil?: number;
}
