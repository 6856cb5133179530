import type { JsonObject } from '../../core/json.ts';
import { bearerToken } from '../bearer-token.ts';
import type { Refusal, RefusalFault, StreamEvent, WireRequest } from '../personality.ts';
import { isAzure, refuseAzureCredential } from './azure.ts';

/** https://platform.openai.com/docs/guides/error-codes */
export function errorBody(refusal: Refusal): JsonObject {
  return {
    error: {
      message: refusal.message,
      type: refusal.type ?? 'invalid_request_error',
      param: refusal.param ?? null,
      code: refusal.code ?? null,
    },
  };
}

export function refuseCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  if (isAzure(request)) return refuseAzureCredential(request, apiKeys);
  const key = bearerToken(request);
  if (key === undefined) {
    return {
      status: 401,
      message:
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
    };
  }
  return apiKeys.includes(key) ? undefined : incorrectKey;
}

const incorrectKey: Refusal = {
  status: 401,
  message:
    'Incorrect API key provided: sk-demo****. You can find your API key at https://platform.openai.com/account/api-keys.',
  code: 'invalid_api_key',
};

const byStatus: Readonly<Record<number, Omit<Refusal, 'status'>>> = {
  401: { message: incorrectKey.message, code: 'invalid_api_key' },
  402: {
    message: 'Your account is not active, please check your billing details on our website.',
    type: 'billing_not_active',
    code: 'billing_not_active',
  },
  403: { message: 'You are not allowed to sample from this model' },
  404: { message: 'The model does not exist or you do not have access to it.', code: 'model_not_found' },
  408: { message: 'Request timed out.', type: 'timeout' },
  409: { message: 'The request conflicted with another one. Please try again.', type: 'conflict_error' },
  413: { message: 'Request too large.' },
  422: { message: 'The request could not be processed.' },
  429: {
    message: 'Rate limit reached for requests. Limit: 3 / min.',
    type: 'requests',
    code: 'rate_limit_exceeded',
  },
  500: { message: 'The server had an error while processing your request. Sorry about that!', type: 'server_error' },
  502: { message: 'Bad gateway.', type: 'server_error' },
  503: { message: 'The engine is currently overloaded, please try again later.', type: 'server_error' },
  504: { message: 'Gateway timeout.', type: 'server_error' },
  529: { message: 'The service is overloaded.', type: 'server_error' },
};

export function refusal(fault: RefusalFault): Refusal {
  if (typeof fault === 'object') {
    return {
      status: fault.status,
      ...(byStatus[fault.status] ?? { message: 'The request is invalid.', code: 'invalid_value' }),
    };
  }
  switch (fault) {
    case 'quota':
      return {
        status: 429,
        message: 'You exceeded your current quota, please check your plan and billing details.',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      };
    case 'context_window':
      return {
        status: 400,
        message:
          "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.",
        param: 'messages',
        code: 'context_length_exceeded',
      };
    case 'content_filter':
      return {
        status: 400,
        message: "The response was filtered due to the prompt triggering the provider's content management policy.",
        param: 'prompt',
        code: 'content_filter',
      };
  }
}

/** An error object in place of a chunk, after which the stream ends without `[DONE]`. */
export function inbandError(): StreamEvent {
  return {
    kind: 'other',
    data: errorBody({
      status: 500,
      message: 'The server had an error while processing your request. Sorry about that!',
      type: 'server_error',
    }),
  };
}
