import { GatewayError } from '../core/errors.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import { faultError, isCallersFault } from './fault-error.ts';
import { isRedirect } from './fault-policy.ts';
import type { Unavailable } from './health.ts';
import type { KeyTrouble } from './key-ring.ts';

/** What a target had to say to a call: the fault of an attempt, or why it took none. */
export type TargetWord =
  | { readonly target: string; readonly fault: UpstreamFault }
  | { readonly target: string; readonly unavailable: Unavailable['reason'] | KeyTrouble };

/** A call that nobody answered. */
export interface FailedCall {
  /** In order; a target may stand here several times. */
  readonly words: readonly TargetWord[];
  /** Milliseconds until the first of the call's targets is available again, where known. 0 means now. */
  readonly recoversInMs?: number;
  /** Whether the caller brought the provider's key: what the provider says of it is then its own matter. @default false */
  readonly ownKey?: boolean;
  /** Whether the call's deadline ended it. */
  readonly deadlinePassed: boolean;
}

/** What `Retry-After` says when nobody knows better, in milliseconds. */
const shortestWait = 1000;

/**
 * What the caller gets when everything failed. Its own mistakes come back as its own; a limit that all targets have
 * reached is a 429; a single target's failure is told as it was; anything else is a 503 that says when to come back.
 */
export function finalError(call: FailedCall): GatewayError {
  if (call.deadlinePassed) return new GatewayError('deadline_exceeded', causeOf(call.words));
  const last = call.words.at(-1);
  if (last !== undefined && 'fault' in last && isSettledByCaller(last.fault)) return faultError(last.fault);

  // A chain link that names an unknown model is the operator's slip. It has the last word only where all do it.
  const words = lastWords(call.words.filter((word) => !isUnknownModel(word)));
  if (words.length === 0) {
    return last !== undefined && 'fault' in last ? faultError(last.fault) : noHealthyUpstream(call);
  }
  if (words.every(isRateLimited)) {
    return new GatewayError('rate_limit_exceeded', { retryAfter: waitOf(call) / 1000, ...causeOf(words) });
  }
  return (
    (call.ownKey === true ? ownKeyError(words.at(-1)) : undefined) ??
    accountError(words.at(-1)) ??
    lastFaultOfOnlyTarget(call) ??
    noHealthyUpstream(call)
  );
}

/** A mistake of the caller that every target would see, or that this one refused for its content or length. */
function isSettledByCaller(fault: UpstreamFault): boolean {
  return isCallersFault(fault.kind) && fault.kind !== 'model_not_found';
}

function isUnknownModel(word: TargetWord): boolean {
  return 'fault' in word && word.fault.kind === 'model_not_found' && !isRedirect(word.fault);
}

function isRateLimited(word: TargetWord): boolean {
  return 'fault' in word ? word.fault.kind === 'rate_limit' : word.unavailable === 'rate_limit';
}

/** The last word of each target, in the order in which they fell. */
function lastWords(words: readonly TargetWord[]): readonly TargetWord[] {
  const byTarget = new Map<string, TargetWord>();
  for (const word of words) {
    byTarget.delete(word.target);
    byTarget.set(word.target, word);
  }
  return [...byTarget.values()];
}

/** The caller's own account at the provider: the caller can mend it, and nobody else. */
function ownKeyError(word: TargetWord | undefined): GatewayError | undefined {
  if (word === undefined || !('fault' in word)) return undefined;
  if (word.fault.kind === 'auth') return new GatewayError('provider_key_refused', { cause: word.fault });
  return word.fault.kind === 'quota' ? new GatewayError('provider_key_exhausted', { cause: word.fault }) : undefined;
}

/** The gateway's own account or configuration at the provider: coming back does not help the caller. */
function accountError(word: TargetWord | undefined): GatewayError | undefined {
  if (word === undefined) return undefined;
  if ('fault' in word) {
    const ours = word.fault.kind === 'auth' || word.fault.kind === 'quota' || isRedirect(word.fault);
    return ours ? faultError(word.fault) : undefined;
  }
  if (word.unavailable === 'auth') return new GatewayError('upstream_auth_failed');
  if (word.unavailable === 'quota') return new GatewayError('insufficient_quota');
  return undefined;
}

function lastFaultOfOnlyTarget(call: FailedCall): GatewayError | undefined {
  const last = call.words.findLast((word) => 'fault' in word);
  if (last === undefined || call.words.some((word) => word.target !== last.target)) return undefined;
  return faultError(last.fault, waitOf(call));
}

function noHealthyUpstream(call: FailedCall): GatewayError {
  return new GatewayError('no_healthy_upstream', { retryAfter: waitOf(call) / 1000, ...causeOf(call.words) });
}

/** Milliseconds after which a new try makes sense: as the targets' health has it, else as the soonest of them said. */
function waitOf(call: FailedCall): number {
  const recovery = call.recoversInMs ?? 0;
  if (recovery > 0 && Number.isFinite(recovery)) return Math.max(shortestWait, recovery);
  const hints = lastWords(call.words).map((word) => ('fault' in word ? (word.fault.retryAfterMs ?? 0) : 0));
  return Math.max(shortestWait, hints.length > 0 ? Math.min(...hints) : 0);
}

function causeOf(words: readonly TargetWord[]): { readonly cause?: UpstreamFault } {
  const last = words.findLast((word) => 'fault' in word);
  return last === undefined ? {} : { cause: last.fault };
}
