import type { JsonObject } from '../../core/json.ts';
import { bearerToken } from '../bearer-token.ts';
import type { Refusal, RefusalFault, StreamEvent, WireRequest } from '../personality.ts';

/** https://ai.google.dev/gemini-api/docs/troubleshooting and https://cloud.google.com/apis/design/errors */
export function errorBody(refusal: Refusal): JsonObject {
  if (refusal.body !== undefined) return refusal.body;
  return {
    error: {
      code: refusal.status,
      message: refusal.message,
      status: refusal.type ?? 'INVALID_ARGUMENT',
      ...(refusal.details !== undefined && { details: refusal.details }),
    },
  };
}

/** Google answers a wrong key with 400 and a missing one with 403. Vertex AI takes access tokens only. */
export function refuseCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  if (request.path.startsWith('/v1/projects/')) return refuseToken(request, apiKeys);
  const header = request.headers['x-goog-api-key'];
  const key = typeof header === 'string' ? header : request.query.get('key');
  if (key === null) {
    return {
      status: 403,
      type: 'PERMISSION_DENIED',
      message:
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    };
  }
  return apiKeys.includes(key) ? undefined : invalidKey;
}

function refuseToken(request: WireRequest, tokens: readonly string[]): Refusal | undefined {
  const token = bearerToken(request);
  if (token !== undefined && tokens.includes(token)) return undefined;
  return {
    status: 401,
    type: 'UNAUTHENTICATED',
    message:
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
  };
}

const invalidKey: Refusal = {
  status: 400,
  type: 'INVALID_ARGUMENT',
  message: 'API key not valid. Please pass a valid API key.',
  details: [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
  ],
};

const byStatus: Readonly<Record<number, Omit<Refusal, 'status'>>> = {
  402: { type: 'FAILED_PRECONDITION', message: 'Billing is not enabled for this project.' },
  403: { type: 'PERMISSION_DENIED', message: 'The caller does not have permission.' },
  404: {
    type: 'NOT_FOUND',
    message: 'models/demo-missing is not found for API version v1beta, or is not supported for generateContent.',
  },
  408: { type: 'DEADLINE_EXCEEDED', message: 'The request timed out.' },
  409: { type: 'ABORTED', message: 'The operation was aborted.' },
  413: { type: 'INVALID_ARGUMENT', message: 'Request payload size exceeds the limit: 20971520 bytes.' },
  422: { type: 'INVALID_ARGUMENT', message: 'The request could not be processed.' },
  429: { type: 'RESOURCE_EXHAUSTED', message: 'Resource exhausted. Please try again later.' },
  500: { type: 'INTERNAL', message: 'An internal error has occurred. Please retry.' },
  502: { type: 'UNAVAILABLE', message: 'Bad gateway.' },
  503: { type: 'UNAVAILABLE', message: 'The model is overloaded. Please try again later.' },
  504: { type: 'DEADLINE_EXCEEDED', message: 'Deadline expired before operation could complete.' },
  529: { type: 'UNAVAILABLE', message: 'The service is overloaded.' },
};

export function refusal(fault: RefusalFault): Refusal {
  if (typeof fault === 'object') {
    if (fault.status === 401) return invalidKey;
    return {
      status: fault.status,
      ...(byStatus[fault.status] ?? { message: 'Request contains an invalid argument.' }),
    };
  }
  switch (fault) {
    case 'quota':
      return spentQuota;
    case 'context_window':
      return {
        status: 400,
        message: 'The input token count (1250074) exceeds the maximum number of tokens allowed (1048576).',
      };
    case 'content_filter':
      return { status: 200, message: 'blocked', body: blockedPrompt };
  }
}

const spentQuota: Refusal = {
  status: 429,
  type: 'RESOURCE_EXHAUSTED',
  message:
    'You exceeded your current quota, please check your plan and billing details. * Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 50',
  details: [
    {
      '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
      violations: [
        {
          quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
          quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
          quotaValue: '50',
        },
      ],
    },
  ],
};

/** A prompt that the safety filter stops is answered with 200 and without candidates. */
const blockedPrompt: JsonObject = {
  promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
  usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
  modelVersion: 'demo',
};

export function inbandError(): StreamEvent {
  return { kind: 'other', data: errorBody(refusal({ status: 503 })) };
}

/** The hint stands in the body only. */
export function retryHint(refused: Refusal, seconds: number): Refusal {
  const retry = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` };
  return { ...refused, details: [...(refused.details ?? []), retry] };
}
