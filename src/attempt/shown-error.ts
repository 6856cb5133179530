import { GatewayError } from '../core/errors.ts';
import type { AttemptStatus } from '../core/settlement.ts';
import type { UpstreamFault } from '../dialects/canonical.ts';
import type { AttemptPlan } from './attempt-plan.ts';

/** What the caller reads when its stream breaks. */
export function shownError(
  fault: UpstreamFault,
  status: AttemptStatus,
  { toError }: Pick<AttemptPlan, 'toError'>,
): GatewayError {
  if (fault.code === 'shutting_down') return new GatewayError('shutting_down');
  if (fault.code === 'budget_exceeded') return new GatewayError('budget_exceeded');
  return status === 'upstream_truncated' ? new GatewayError('upstream_truncated') : toError(fault);
}
