import type { AttemptEnd } from '../attempt/attempt-plan.ts';
import type { Call } from '../core/call.ts';
import { ownProviderKey } from '../core/own-provider-key.ts';
import type { AttemptRecord } from '../core/settlement.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import { decideFault, type FaultDecision } from '../routing/fault-policy.ts';
import { defaultBackoff } from '../routing/retry-delay.ts';
import type { Engine } from './engine.ts';
import type { Choice } from './selection.ts';

export interface JudgeContext {
  readonly engine: Engine;
  readonly call: Call;
  /** Whether the call has several targets. */
  readonly chain: boolean;
}

/** Tells target, key and operator what an attempt showed of them. Returns what may follow; `undefined` after no fault. */
export function judgeAttempt(
  end: AttemptEnd,
  { choice, record }: { readonly choice: Choice; readonly record: AttemptRecord },
  context: JudgeContext,
): FaultDecision | undefined {
  const { admission, key, link } = choice;
  if (end.fault === undefined) {
    if (end.status === 'ok') {
      admission.succeed(firstOutputLatency(record));
      key?.accepted();
    } else {
      admission.release();
    }
    return undefined;
  }
  const anotherKey = key?.hasAlternative() ?? false;
  const decision = decideFault(
    end.fault,
    { progress: end.progress, anotherKey, chain: context.chain },
    context.engine.settings,
  );
  if (decision.countsAgainstHealth && !isOurOwnDoing(end.fault, record)) admission.fail();
  else admission.release();
  // What a provider says to a caller's own key is said to nobody else.
  const isOurs = context.call.get(ownProviderKey) === undefined;
  if (isOurs) judgeKey(choice, { fault: end.fault, decision, engine: context.engine });
  if (decision.alertOperator && isOurs) alert(choice, end.fault, context);
  link.last = { fault: end.fault, decision, anotherKey };
  return decision;
}

/** The call's own deadline cut the attempt short. */
export function isDeadline(fault: UpstreamFault): boolean {
  return fault.kind === 'timeout' && fault.code === 'deadline';
}

/** A target that was silent for this long has had its chance, whatever the call's deadline. */
const fairMilliseconds = 10_000;

/** The gateway ended the attempt for reasons of its own: nothing was learnt of the target. */
function isOurOwnDoing(fault: UpstreamFault, { startedAt, endedAt }: AttemptRecord): boolean {
  if (fault.code === 'shutting_down') return true;
  return isDeadline(fault) && (endedAt ?? startedAt) - startedAt < fairMilliseconds;
}

/** Milliseconds from the start of an attempt to its first output. */
export function firstOutputLatency(record: AttemptRecord): number | undefined {
  return record.firstOutputAt === undefined ? undefined : record.firstOutputAt - record.startedAt;
}

function judgeKey(
  { key, link }: Choice,
  { fault, decision, engine }: { fault: UpstreamFault; decision: FaultDecision; engine: Engine },
): void {
  if (decision.key === 'out') {
    key?.refused(fault.status);
  } else if (fault.kind === 'quota') {
    key?.exhausted(fault.retryAfterMs);
  } else if (fault.kind === 'rate_limit') {
    const wait = fault.retryAfterMs;
    const { health, runtime } = engine;
    key?.rateLimited(wait);
    if (wait === undefined) {
      // Nobody knows how long. A target that was just out of rate, with all its keys, is not the first one to go to.
      if (key?.hasAlternative() !== true) health.avoid(link.target.id, runtime.now() + defaultBackoff.base / 2);
    } else if (key === undefined) {
      health.coolDown(link.target.id, runtime.now() + wait);
    }
  }
}

function alert({ key, link }: Choice, fault: UpstreamFault, { engine, call }: JudgeContext): void {
  const where = { callId: call.id, target: link.target.id };
  const withKey = { ...where, ...(key !== undefined && { keyNumber: key.number }) };
  if (fault.kind === 'auth') engine.emit({ type: 'upstream-auth-failed', ...withKey, ...unsentFault(fault) });
  else if (fault.kind === 'quota') engine.emit({ type: 'upstream-quota-exhausted', ...withKey });
  else engine.emit({ type: 'target-misconfigured', ...where, fault: fault.code ?? fault.kind });
}

/** Why nothing was sent. The words of an answer are the provider's own, and the operator finds them there. */
function unsentFault({ status, code }: UpstreamFault): { readonly fault?: string } {
  return status === undefined && code !== undefined ? { fault: code } : {};
}
