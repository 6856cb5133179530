import type { Call } from '../core/call.ts';
import type { Candidate, Skip } from '../core/capability.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../providers/provider.ts';
import { candidateOf } from '../providers/target.ts';

/**
 * The targets that every capability in front lets the call go to.
 *
 * @throws GatewayError of the first that was skipped when none is left
 */
export function permittedTargets(call: Call, targets: readonly Target[]): readonly Target[] {
  let candidates: readonly Candidate[] | undefined;
  const skipped: Skip[] = [];
  for (const capability of call.capabilities) {
    if (capability.onPlan === undefined) continue;
    candidates ??= targets.map(candidateOf);
    const plan = capability.onPlan(call, candidates);
    candidates = plan.candidates;
    skipped.push(...plan.skipped);
    for (const { candidate, reason } of plan.skipped) {
      call.skipped.push({ target: `${candidate.provider}/${candidate.model}`, reason });
    }
  }
  if (candidates === undefined) return targets;
  if (candidates.length === 0) throw skipped[0]?.error ?? new GatewayError('no_healthy_upstream');
  const byId = new Map(targets.map((target) => [target.id, target]));
  return candidates.flatMap(({ provider, model }) => byId.get(`${provider}/${model}`) ?? []);
}
