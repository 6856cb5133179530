import type { Call } from '../core/call.ts';
import type { NanoUsd } from '../core/cost.ts';
import type { AttemptRecord, AttemptStatus, CallStatus, Settlement } from '../core/settlement.ts';
import { targetPricing } from '../providers/facts/facts-of.ts';
import type { Target } from '../providers/provider.ts';
import { targetId, type Verdicts } from './call-bounds.ts';
import { costOf, type TargetBound } from './cost-bound.ts';

/** No model in service generates faster, in tokens per second. */
const fastestOutput = 200;

/** What a call that has ended used: all its attempts, or what the app's own handler made of it. */
export function usedByCall(
  call: Call,
  settlement: Settlement,
  { verdicts, targets }: { readonly verdicts: Verdicts; readonly targets: readonly Target[] },
): NanoUsd {
  const { attempts } = settlement;
  const [target] = targets;
  const answeredByApp = attempts.length === 0 && !call.capabilities.some(({ answer }) => answer !== undefined);
  if (!answeredByApp || target === undefined) return usedSoFar(attempts);
  return usedByApp(settlement, { target, verdicts, wallTime: call.runtime.wallTime() });
}

/** What the attempts of a call cost that have ended, as their records say. */
export function usedSoFar(attempts: readonly AttemptRecord[]): NanoUsd {
  return attempts.reduce((used, { cost }) => used + (cost?.nanoUsd ?? 0), 0);
}

/** Targets without a price that something was used of. */
export function unpricedTargets(attempts: readonly AttemptRecord[], verdicts: Verdicts): readonly string[] {
  return attempts
    .filter((attempt) => attempt.cost?.nanoUsd === null)
    .map(targetId)
    .filter((id) => verdicts.get(id)?.kind === 'unpriced');
}

/** Ends after which the app's own handler has asked no provider. */
const unasked: ReadonlySet<CallStatus> = new Set(['rejected', 'failed']);

/** An app that names no provider is taken to have asked the first that serves the model. */
function usedByApp(
  { status, usage, latencyMs }: Settlement,
  { target, verdicts, wallTime }: { readonly target: Target; readonly verdicts: Verdicts; readonly wallTime: number },
): NanoUsd {
  if (unasked.has(status)) return 0;
  const verdict = verdicts.get(target.id);
  if (verdict?.kind !== 'priced') return 0;
  if (usage === undefined) return estimate(latencyMs, verdict.bound);
  const price = targetPricing(target).priceOf(usage, wallTime);
  return price?.nanoUsd ?? verdict.bound.most;
}

/**
 * What an attempt used that nobody has counted: where the provider may have worked all the same, the prompt and what
 * could have been generated in the time, at most what was set aside.
 */
export function costOfUncounted(attempt: AttemptRecord, verdicts: Verdicts): NanoUsd | undefined {
  const verdict = verdicts.get(targetId(attempt));
  if (verdict?.kind !== 'priced') return undefined;
  // Something in it has no price, though the model has one.
  if (attempt.usage !== undefined) return verdict.bound.most;
  if (!mayBeBilled(attempt)) return undefined;
  const { startedAt, endedAt = startedAt } = attempt;
  return estimate(endedAt - startedAt, verdict.bound);
}

/** Ends after which a provider may bill what it never told. */
const openEnds: ReadonlySet<AttemptStatus | undefined> = new Set<AttemptStatus>([
  'ok',
  'client_abort',
  'timeout',
  'unknown',
  'upstream_truncated',
  'stopped',
]);

function mayBeBilled({ status, httpStatus }: AttemptRecord): boolean {
  return openEnds.has(status) && (httpStatus === undefined || httpStatus < 300);
}

function estimate(milliseconds: number, bound: TargetBound): NanoUsd {
  const generated = Math.ceil((milliseconds / 1_000) * fastestOutput) * bound.answers;
  return Math.min(bound.most, bound.prompt + costOf(generated, bound.outputRate));
}
