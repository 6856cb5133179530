import { type ErrorCode, errorCatalogue } from '../core/error-catalogue.ts';
import { GatewayError, type GatewayErrorDetails } from '../core/errors.ts';
import type { FaultKind, UpstreamFault } from '../dialects/canonical.ts';
import { isRedirect } from './fault-policy.ts';

/** Longest text of a provider that is passed on, in characters. */
const longestMessage = 1000;

const codeOfKind: Readonly<Record<FaultKind, ErrorCode>> = {
  rate_limit: 'rate_limit_exceeded',
  quota: 'insufficient_quota',
  timeout: 'upstream_timeout',
  server_error: 'upstream_error',
  connection: 'upstream_connection',
  auth: 'upstream_auth_failed',
  context_window: 'context_length_exceeded',
  content_filter: 'content_policy_violation',
  model_not_found: 'model_not_found',
  invalid_request: 'invalid_request',
  invalid_response: 'upstream_invalid_response',
};

/** True when the caller can mend the fault by sending something else. */
export function isCallersFault(kind: FaultKind): boolean {
  return (
    kind === 'invalid_request' || kind === 'context_window' || kind === 'content_filter' || kind === 'model_not_found'
  );
}

/**
 * What the caller reads of one provider's failure, before output or inside a stream. The provider's own (masked) text
 * goes along only where the caller is at fault: the rest would tell it about an account that is not its own.
 *
 * @param retryAfterMs when a new try makes sense, where that is known better than from the fault
 */
export function faultError(fault: UpstreamFault, retryAfterMs: number | undefined = fault.retryAfterMs): GatewayError {
  const code = codeOf(fault);
  if (isCallersFault(fault.kind) && code !== 'upstream_redirect') return new GatewayError(code, callersDetails(fault));
  const { retryable } = errorCatalogue[code];
  return new GatewayError(code, {
    ...(retryable && fault.code !== undefined && { providerCode: fault.code }),
    ...(retryable && retryAfterMs !== undefined && { retryAfter: retryAfterMs / 1000 }),
    cause: fault,
  });
}

function codeOf(fault: UpstreamFault): ErrorCode {
  if (isRedirect(fault)) return 'upstream_redirect';
  if (fault.kind === 'invalid_request') {
    if (fault.status === 413) return 'request_too_large';
    if (fault.status === 422) return 'unprocessable_request';
  }
  if (fault.kind === 'server_error') {
    // 529 is Anthropic's overload: https://docs.anthropic.com/en/api/errors
    if (fault.status === 503 || fault.status === 529) return 'upstream_overloaded';
    if (fault.status === 504) return 'upstream_timeout';
  }
  return codeOfKind[fault.kind];
}

function callersDetails(fault: UpstreamFault): GatewayErrorDetails {
  return {
    ...(fault.message.trim() !== '' && { message: fault.message.slice(0, longestMessage) }),
    ...(fault.param !== undefined && { param: fault.param }),
    ...(fault.code !== undefined && { providerCode: fault.code }),
    cause: fault,
  };
}
