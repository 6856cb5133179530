import type { JsonObject } from '../../core/json.ts';
import type { Refusal, RefusalFault, StreamEvent, WireRequest } from '../personality.ts';

/** https://docs.cohere.com/reference/errors */
export function errorBody(refusal: Refusal, requestId: string): JsonObject {
  return { id: requestId, message: refusal.message };
}

export function refuseCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  const { authorization } = request.headers;
  const key = typeof authorization === 'string' ? /^Bearer (.+)$/i.exec(authorization)?.[1] : undefined;
  if (key === undefined) return { status: 401, message: 'no api key supplied' };
  return apiKeys.includes(key) ? undefined : incorrectKey;
}

const incorrectKey: Refusal = {
  status: 401,
  message:
    'Incorrect API key provided: ***********. You can find your API key at https://dashboard.cohere.com/api-keys.',
};

const messages: Readonly<Record<number, string>> = {
  401: incorrectKey.message,
  402: 'Please add or update your payment method to continue',
  403: 'your API key is not allowed to use this model',
  404: "model 'demo-missing' not found, make sure the correct model ID was used and that you have access to the model.",
  408: 'request timed out',
  409: 'the request conflicted with another one',
  413: 'request body is too large',
  422: 'the request could not be processed',
  429: 'You are using a Trial key, which is limited to 20 API calls / minute.',
  500: 'internal server error',
  502: 'bad gateway',
  503: 'the service is unavailable, please try again',
  504: 'gateway timeout',
  529: 'the service is overloaded',
};

export function refusal(fault: RefusalFault): Refusal {
  if (typeof fault === 'object') {
    return { status: fault.status, message: messages[fault.status] ?? 'invalid request' };
  }
  switch (fault) {
    case 'quota':
      return { status: 429, message: 'You are using a Trial key, which is limited to 1000 API calls / month.' };
    case 'context_window':
      return {
        status: 400,
        message: 'too many tokens: total number of tokens in the prompt cannot exceed 8192 - received 9000.',
      };
    case 'content_filter':
      // Cohere documents no words for it; these say what they mean.
      return { status: 400, message: 'Input blocked by content filtering policy' };
  }
}

/** The end of a message that failed. */
export function inbandError(): StreamEvent {
  const delta = {
    finish_reason: 'ERROR',
    usage: {},
    error: 'your request resulted in an invalid tool generation. Try updating the messages or tool definitions',
    error_type: 'INVALID_TOOL_GENERATION',
  };
  return { kind: 'other', event: 'message-end', data: { type: 'message-end', delta } };
}

export function retryHint(refused: Refusal, seconds: number): Refusal {
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(Math.ceil(seconds)) } };
}
