import type { FaultKind, UpstreamFault } from '../dialects/canonical.ts';

/** What an operator can let trigger a retry or a move to the next target. */
export type FailoverCause =
  | 'rate_limit'
  | 'timeout'
  /** 5xx, 529, overloads, and answers that broke off or could not be read. */
  | 'server_error'
  | 'connection'
  /** Moves on whether listed or not: a provider's 401 or 403 is never the caller's. */
  | 'auth'
  | 'context_window'
  | 'content_filter';

export const defaultFailoverCauses: readonly FailoverCause[] = ['rate_limit', 'timeout', 'server_error', 'connection'];

export interface FaultPolicy {
  readonly on: readonly FailoverCause[];
  /**
   * Whether a generation that may have run (and been billed) already is run again on the same target.
   * @default false
   */
  readonly retryUnsafe?: boolean;
}

/**
 * How far an attempt came: `unsent` until the last byte of the request is written, `sent` until the first byte of the
 * answer, `answered` until output reaches the caller, then `committed`.
 */
export type AttemptProgress = 'unsent' | 'sent' | 'answered' | 'committed';

export interface FaultFacts {
  readonly progress: AttemptProgress;
  /** Whether the target has another key that could be used now. */
  readonly anotherKey?: boolean;
  /** Whether the call has several targets. On one target alone, an unknown model is the caller's mistake. */
  readonly chain?: boolean;
}

/** What becomes of the key an attempt used: kept in rotation, rested for a while, or taken out as refused. */
export type KeyVerdict = 'keep' | 'rest' | 'out';

/** What may follow a failed attempt. Budget, deadline and the number of tries still have their say. */
export interface FaultDecision {
  /** The same target may be tried again: at once with another key, else after a delay. */
  readonly sameTarget: boolean;
  /** The next target may be tried. */
  readonly nextTarget: boolean;
  /** The attempt is a failure of the target. Otherwise it is neutral, as is one that the call's own deadline cut short. */
  readonly countsAgainstHealth: boolean;
  /** Only the operator can mend this: a refused key, an empty account, a model or address that does not exist. */
  readonly alertOperator: boolean;
  readonly key: KeyVerdict;
}

const final: FaultDecision = {
  sameTarget: false,
  nextTarget: false,
  countsAgainstHealth: false,
  alertOperator: false,
  key: 'keep',
};

/** Decides what may follow a fault. The caller's own mistakes end the call and leave the target's health alone. */
export function decideFault(
  fault: Pick<UpstreamFault, 'kind' | 'status'>,
  facts: FaultFacts,
  policy: FaultPolicy,
): FaultDecision {
  const decision = isRedirect(fault) ? decideRedirect(policy) : decideKind(fault.kind, facts, policy);
  // What the caller has read cannot be taken back, so nobody else may answer; the target is judged all the same.
  return facts.progress === 'committed' ? { ...decision, sameTarget: false, nextTarget: false } : decision;
}

/** True for a 3xx, whichever kind it was filed under: redirects are never followed, the address is wrong. */
export function isRedirect(fault: Pick<UpstreamFault, 'status'>): boolean {
  return fault.status !== undefined && fault.status >= 300 && fault.status < 400;
}

function decideRedirect(policy: FaultPolicy): FaultDecision {
  return { ...final, nextTarget: policy.on.includes('server_error'), countsAgainstHealth: true, alertOperator: true };
}

function decideKind(kind: FaultKind, facts: FaultFacts, policy: FaultPolicy): FaultDecision {
  switch (kind) {
    case 'server_error': {
      // The provider says that it failed, so nothing was generated: a retry doubles nothing.
      const goOn = policy.on.includes('server_error');
      return { ...final, sameTarget: goOn, nextTarget: goOn, countsAgainstHealth: true };
    }
    case 'connection':
    case 'timeout':
      return decideUncertain(kind, facts, policy);
    case 'invalid_response':
      return decideUncertain('server_error', facts, policy);
    case 'rate_limit': {
      const goOn = policy.on.includes('rate_limit');
      return { ...final, sameTarget: goOn || facts.anotherKey === true, nextTarget: goOn, key: 'rest' };
    }
    case 'quota':
      return { ...decideAccount(facts), key: 'rest' };
    case 'auth':
      return { ...decideAccount(facts), key: 'out' };
    case 'context_window':
    case 'content_filter':
      return { ...final, nextTarget: policy.on.includes(kind) };
    case 'model_not_found':
      return facts.chain === true ? { ...final, nextTarget: true, alertOperator: true } : final;
    case 'invalid_request':
      return final;
  }
}

/** Nobody knows whether the provider ran the request: the same one is asked again only when it cannot have. */
function decideUncertain(cause: FailoverCause, facts: FaultFacts, policy: FaultPolicy): FaultDecision {
  const goOn = policy.on.includes(cause);
  const safe = facts.progress === 'unsent' || policy.retryUnsafe === true;
  return { ...final, sameTarget: goOn && safe, nextTarget: goOn, countsAgainstHealth: true };
}

/** The gateway's account is at fault, not the caller and not the target: move on whatever `on` says. */
function decideAccount(facts: FaultFacts): FaultDecision {
  return { ...final, sameTarget: facts.anotherKey === true, nextTarget: true, alertOperator: true };
}
