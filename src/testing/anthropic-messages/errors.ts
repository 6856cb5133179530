import type { JsonObject } from '../../core/json.ts';
import { bearerToken } from '../bearer-token.ts';
import type { Refusal, RefusalFault, StreamEvent, WireRequest } from '../personality.ts';
import { refuseVertexCredential, vertexPath } from './vertex.ts';

/** https://docs.anthropic.com/en/api/errors */
export function errorBody(refusal: Refusal, requestId: string): JsonObject {
  const error = { type: refusal.type ?? 'invalid_request_error', message: refusal.message };
  return { type: 'error', error, request_id: `req_${requestId}` };
}

/** A key travels in `x-api-key` (in Foundry also in `api-key`), an OAuth token in `authorization`. */
export function refuseCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  if (vertexPath(request) !== undefined) return refuseVertexCredential(request, apiKeys);
  const key = request.headers[request.path.startsWith('/anthropic/') ? 'api-key' : 'x-api-key'];
  const token = bearerToken(request);
  const given = typeof key === 'string' ? key : token;
  if (given === undefined) return unauthenticated('x-api-key header is required');
  return apiKeys.includes(given) ? undefined : unauthenticated('invalid x-api-key');
}

function unauthenticated(message: string): Refusal {
  return { status: 401, type: 'authentication_error', message };
}

const byStatus: Readonly<Record<number, Omit<Refusal, 'status'>>> = {
  401: { type: 'authentication_error', message: 'invalid x-api-key' },
  402: { type: 'billing_error', message: 'There is a problem with your billing or payment information.' },
  403: { type: 'permission_error', message: 'Your API key does not have permission to use the specified resource.' },
  404: { type: 'not_found_error', message: 'model: demo-missing' },
  408: { type: 'timeout_error', message: 'Request timed out' },
  409: { type: 'conflict_error', message: 'The request conflicted with another one' },
  413: { type: 'request_too_large', message: 'Request exceeds the maximum size' },
  422: { type: 'invalid_request_error', message: 'The request could not be processed' },
  429: {
    type: 'rate_limit_error',
    message: 'This request would exceed the rate limit for your organization of 50 requests per minute.',
  },
  500: { type: 'api_error', message: 'Internal server error' },
  502: { type: 'api_error', message: 'Bad gateway' },
  503: { type: 'api_error', message: 'Service unavailable' },
  504: { type: 'timeout_error', message: 'Request timed out' },
  529: { type: 'overloaded_error', message: 'Overloaded' },
};

export function refusal(fault: RefusalFault): Refusal {
  if (typeof fault === 'object') {
    return { status: fault.status, ...(byStatus[fault.status] ?? { message: 'The request is invalid' }) };
  }
  switch (fault) {
    case 'quota':
      return {
        status: 400,
        message:
          'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      };
    case 'context_window':
      return { status: 400, message: 'prompt is too long: 212345 tokens > 200000 maximum' };
    case 'content_filter':
      return { status: 400, message: 'Output blocked by content filtering policy' };
  }
}

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming#error-events */
export function inbandError(): StreamEvent {
  return {
    kind: 'other',
    event: 'error',
    data: { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
  };
}
