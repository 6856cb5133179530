/** Whose requests are counted together. */
export type LimitScope = 'key' | 'user' | 'team' | 'project' | 'model' | 'provider' | 'ip' | 'global';

/** One limit, as it is kept. Made from configuration by `rateLimit`, and from a key's own plan by `auth`. */
export interface LimitRule {
  /** Unique among the rules of one `rateLimit`; part of the counters' keys and of the policy header. */
  readonly name: string;
  /** A scope, or the caller's own function of the call: a string to count by, `undefined` for "does not apply". */
  readonly per: LimitScope;
  readonly measure: 'requests' | 'tokens' | 'concurrent';
  /** Whole number > 0: per window, or at the same time. */
  readonly amount: number;
  /** Milliseconds; absent for `concurrent`. */
  readonly windowMs?: number;
  /** `token-bucket`: holds up to `burst`, refilled continuously. `fixed-window`: exact plans such as 100 per hour. */
  readonly algorithm: 'token-bucket' | 'fixed-window';
  /** Capacity of a token bucket. @default amount */
  readonly burst?: number;
  /** `shadow` counts and reports, and refuses nobody. */
  readonly mode: 'enforce' | 'shadow';
}
