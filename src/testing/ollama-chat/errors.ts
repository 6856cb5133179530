import type { JsonObject } from '../../core/json.ts';
import type { Refusal, RefusalFault, StreamEvent, WireRequest } from '../personality.ts';

/** https://docs.ollama.com/api/errors */
export function errorBody({ message }: Refusal): JsonObject {
  return { error: message };
}

/** A 400, the status of everything that is wrong with a request. */
export function invalid(message: string): Refusal {
  return { status: 400, message };
}

/** A server of one's own takes no key, the cloud does: https://docs.ollama.com/cloud */
export function refuseCredential({ headers }: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  const { authorization } = headers;
  const key = typeof authorization === 'string' ? /^Bearer (.+)$/.exec(authorization)?.[1] : undefined;
  return key !== undefined && apiKeys.includes(key) ? undefined : { status: 401, message: 'unauthorized' };
}

const byStatus: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  402: "you've reached your usage limit, please upgrade to continue",
  403: 'this model requires a subscription',
  404: "model 'demo-small' not found",
  408: 'request timed out',
  413: 'http: request body too large',
  429: 'too many concurrent requests',
  500: 'model runner has unexpectedly stopped, this may be due to resource limitations or an internal error',
  502: 'bad gateway',
  503: 'server busy, please try again.  maximum pending requests exceeded',
  504: 'gateway timeout',
};

export function refusal(fault: RefusalFault): Refusal {
  if (typeof fault === 'object') {
    return { status: fault.status, message: byStatus[fault.status] ?? 'the request could not be served' };
  }
  switch (fault) {
    case 'quota':
      return {
        status: 429,
        message:
          'you (demo) have reached your weekly usage limit, upgrade for higher limits: https://ollama.com/upgrade',
      };
    case 'context_window':
      return invalid('the input length exceeds the maximum context length');
    case 'content_filter':
      // The server has no filter of its own: this is what one in front of it says.
      return invalid('content_filter: the prompt was refused');
  }
}

/** https://docs.ollama.com/api/errors#errors-that-occur-while-streaming */
export function inbandError(): StreamEvent {
  return { kind: 'other', data: { error: 'an error was encountered while running the model: unexpected EOF' } };
}

export function retryHint(refused: Refusal, seconds: number): Refusal {
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(Math.ceil(seconds)) } };
}
