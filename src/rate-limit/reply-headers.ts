import type { CounterState } from './limit-store.ts';
import type { Rule } from './rules.ts';

const rateLimitHeader = {
  limit: { requests: 'x-ratelimit-limit-requests', tokens: 'x-ratelimit-limit-tokens' },
  remaining: { requests: 'x-ratelimit-remaining-requests', tokens: 'x-ratelimit-remaining-tokens' },
  reset: { requests: 'x-ratelimit-reset-requests', tokens: 'x-ratelimit-reset-tokens' },
  policy: 'ratelimit-policy',
  standing: 'ratelimit',
  mark: 'x-gateway-ratelimit',
} as const;

/** A rule and how its counter stands. */
export interface Standing {
  readonly rule: Rule;
  readonly state: CounterState;
}

/** Which words the marker has: counted by this process alone, would have been refused. */
export interface Marks {
  readonly degraded: boolean;
}

/**
 * What callers can read of their limits: OpenAI's headers (https://platform.openai.com/docs/guides/rate-limits, each with
 * the tightest rule of its measure) and the fields of draft-ietf-httpapi-ratelimit-headers-10 (all policies, and how the
 * tightest stands). Rules in shadow stay unseen, apart from the marker.
 */
export function replyHeaders(standings: readonly Standing[], { degraded }: Marks): Record<string, string> {
  const headers: Record<string, string> = {};
  let policies = '';
  let requests: Standing | undefined;
  let tokens: Standing | undefined;
  let tightest: Standing | undefined;
  let shadow = false;
  for (const standing of standings) {
    const { rule, state } = standing;
    if (rule.shadow) {
      shadow ||= state.waitMs > 0;
      continue;
    }
    policies = policies === '' ? rule.policy : `${policies}, ${rule.policy}`;
    if (rule.measure === 'requests') requests = tighter(requests, standing);
    else if (rule.measure === 'tokens') tokens = tighter(tokens, standing);
    tightest = tighter(tightest, standing);
  }
  if (requests !== undefined) openaiHeaders(headers, 'requests', requests);
  if (tokens !== undefined) openaiHeaders(headers, 'tokens', tokens);
  if (tightest !== undefined) {
    headers[rateLimitHeader.policy] = policies;
    headers[rateLimitHeader.standing] = fieldOf(tightest);
  }
  if (degraded || shadow) headers[rateLimitHeader.mark] = markOf(degraded, shadow);
  return headers;
}

function openaiHeaders(
  headers: Record<string, string>,
  measure: 'requests' | 'tokens',
  { rule, state }: Standing,
): void {
  headers[rateLimitHeader.limit[measure]] = String(rule.amount);
  headers[rateLimitHeader.remaining[measure]] = String(state.remaining);
  headers[rateLimitHeader.reset[measure]] = durationText(state.resetMs);
}

/** The one that refuses and longest, else the one with the smallest part left. */
function tighter(known: Standing | undefined, other: Standing): Standing {
  if (known === undefined) return other;
  if (known.state.waitMs !== other.state.waitMs) return known.state.waitMs > other.state.waitMs ? known : other;
  return other.state.remaining / other.rule.amount < known.state.remaining / known.rule.amount ? other : known;
}

function fieldOf({ rule, state }: Standing): string {
  const reset = Math.max(state.waitMs, state.resetMs);
  return `${rule.label};r=${state.remaining}${reset === 0 ? '' : `;t=${Math.ceil(reset / 1_000)}`}`;
}

function markOf(degraded: boolean, shadow: boolean): string {
  if (!shadow) return 'degraded';
  return degraded ? 'degraded, shadow' : 'shadow';
}

/** As OpenAI writes it: `17ms`, `1s`, `6m0s`, `1h0m0s`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${milliseconds}ms`;
  const seconds = Math.ceil(milliseconds / 1_000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${seconds % 60}s`;
  return `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds % 60}s`;
}
