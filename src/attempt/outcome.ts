import type { CancelReason } from '../core/cancellation.ts';
import { GatewayError } from '../core/errors.ts';
import type { AttemptRecord, CallStatus, Outcome } from '../core/settlement.ts';
import type { AttemptEnd } from './attempt-plan.ts';

/** The call's outcome when this attempt was what the caller saw of it; `undefined` when nobody has seen it. */
export function attemptOutcome(end: AttemptEnd, record: AttemptRecord): Outcome | undefined {
  const status = shownStatus(end);
  if (status === undefined) return undefined;
  return {
    status,
    httpStatus: status === 'client_abort' ? 499 : 200,
    provider: record.provider,
    model: record.model,
    usageSource: record.usageSource ?? 'none',
    usage: record.usage,
    error: end.shown,
    finishReason: end.finishReason,
  };
}

/** The call's outcome when no attempt answered. */
export function failureOutcome(error: GatewayError): Outcome {
  return { status: failureStatus(error), httpStatus: error.status, error };
}

/** What stands for a call that was stopped from outside. */
export function cancellationError(reason: CancelReason): GatewayError {
  return new GatewayError(reason === 'client_gone' ? 'client_closed_request' : 'shutting_down');
}

/** How a call ended that the app's own handler answered with this status. */
export function answeredStatus(httpStatus: number): CallStatus {
  if (httpStatus >= 500) return 'upstream_error';
  return httpStatus >= 400 ? 'rejected' : 'ok';
}

function shownStatus(end: AttemptEnd): CallStatus | undefined {
  if (end.status === 'ok' || end.status === 'client_abort') return end.status;
  if (end.shown === undefined) return undefined;
  return end.status === 'timeout' || end.status === 'upstream_truncated' ? end.status : 'upstream_error';
}

function failureStatus(error: GatewayError): CallStatus {
  if (error.code === 'client_closed_request') return 'client_abort';
  if (error.status < 500 && error.status !== 429) return 'rejected';
  return error.status === 504 ? 'timeout' : 'upstream_error';
}
