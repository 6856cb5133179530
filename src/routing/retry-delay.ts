import type { FaultKind } from '../dialects/canonical.ts';

/** Times in milliseconds. */
export interface BackoffOptions {
  /** Upper bound of the first delay; doubles with each retry. */
  readonly base: number;
  /** Upper bound of any delay of our own choice. Does not shorten what a provider asks for. */
  readonly cap: number;
  /** Longest wait a provider may ask for; a longer one is not worth holding a request open. */
  readonly longestHint: number;
  /** An attempt is not started with less than this left before the deadline. */
  readonly leastTimeLeft: number;
}

export const defaultBackoff: BackoffOptions = { base: 500, cap: 8000, longestHint: 60_000, leastTimeLeft: 200 };

export interface RetryFacts {
  readonly kind: FaultKind;
  /** Retries made on this target before this one: 0 for the first. */
  readonly retries: number;
  /** Milliseconds the provider asks to wait. */
  readonly retryAfterMs?: number;
  /** Milliseconds until the call's deadline; `Infinity` without one. */
  readonly timeLeft: number;
}

/**
 * Milliseconds to wait before the same target is tried again, or `undefined` when waiting makes no sense because the
 * deadline comes first.
 *
 * Full jitter, so that callers which failed together do not return together:
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param random gives numbers in [0, 1)
 */
export function retryDelay(facts: RetryFacts, options: BackoffOptions, random: () => number): number | undefined {
  const available = facts.timeLeft - options.leastTimeLeft;
  const ceiling = Math.min(options.cap, options.base * 2 ** Math.min(facts.retries, 30));
  const hint = usableHint(facts.retryAfterMs);
  if (hint > 0) {
    if (hint > available || hint > options.longestHint) return undefined;
    return Math.min(hint + random() * ceiling, available);
  }
  // A limit that was just hit needs some time, however the draw falls.
  const floor = facts.kind === 'rate_limit' ? Math.min(options.base / 2, ceiling) : 0;
  if (floor > available) return undefined;
  return floor + random() * (Math.min(ceiling, available) - floor);
}

function usableHint(milliseconds: number | undefined): number {
  return milliseconds !== undefined && milliseconds > 0 ? milliseconds : 0;
}
