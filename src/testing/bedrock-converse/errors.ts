import type { JsonObject } from '../../core/json.ts';
import type { Refusal, RefusalFault, StreamEvent, WireRequest } from '../personality.ts';

/** The type of an error stands in a header. */
export function errorBody({ message }: Refusal): JsonObject {
  return { message };
}

/** An API key as a bearer token, or a signature, of which only the access key's id is looked at. */
export function refuseCredential(request: WireRequest, apiKeys: readonly string[]): Refusal | undefined {
  const { authorization } = request.headers;
  if (typeof authorization !== 'string') {
    return forbidden('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  const key = /^(?:Bearer (.+)|AWS4-HMAC-SHA256 Credential=([^/]+)\/.+)$/.exec(authorization);
  return apiKeys.includes(key?.[1] ?? key?.[2] ?? '')
    ? undefined
    : forbidden('UnrecognizedClientException', 'The security token included in the request is invalid.');
}

function forbidden(type: string, message: string): Refusal {
  return withType({ status: 403, type, message });
}

/** What clients read the type of an error from. */
export function withType(refusal: Refusal): Refusal {
  const type = `${refusal.type ?? 'ValidationException'}:http://internal.amazon.com/coral/com.amazon.bedrock/`;
  return { ...refusal, headers: { 'x-amzn-errortype': type, ...refusal.headers } };
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/troubleshooting-api-error-codes.html */
const byStatus: Readonly<Record<number, Omit<Refusal, 'status'>>> = {
  400: { type: 'ValidationException', message: 'The request is malformed.' },
  401: { type: 'UnrecognizedClientException', message: 'The security token included in the request is invalid.' },
  402: { type: 'ServiceQuotaExceededException', message: 'The account has no valid payment instrument.' },
  403: {
    type: 'AccessDeniedException',
    message: 'User: arn:aws:iam::000000000000:user/demo is not authorized to perform: bedrock:InvokeModel',
  },
  404: {
    type: 'ResourceNotFoundException',
    message: 'Could not resolve the foundation model from the model identifier.',
  },
  408: { type: 'ModelTimeoutException', message: 'The model took too long to process the request.' },
  409: { type: 'ConflictException', message: 'The request conflicted with another one.' },
  413: { type: 'ValidationException', message: 'The request body is too large.' },
  422: { type: 'ValidationException', message: 'The request could not be processed.' },
  429: { type: 'ThrottlingException', message: 'Too many requests, please wait before trying again.' },
  500: { type: 'InternalServerException', message: 'The system encountered an unexpected error during processing.' },
  502: { type: 'InternalServerException', message: 'Bad gateway' },
  503: { type: 'ServiceUnavailableException', message: 'Bedrock is unable to process your request.' },
  504: { type: 'ModelTimeoutException', message: 'The model took too long to process the request.' },
  529: { type: 'ServiceUnavailableException', message: 'The model is overloaded.' },
};

export function refusal(fault: RefusalFault): Refusal {
  return withType(plainRefusal(fault));
}

function plainRefusal(fault: RefusalFault): Refusal {
  if (typeof fault === 'object') {
    return { status: fault.status, ...(byStatus[fault.status] ?? { message: 'The request is invalid' }) };
  }
  switch (fault) {
    case 'quota':
      return {
        status: 400,
        type: 'ServiceQuotaExceededException',
        message: 'Your request exceeds the service quota for your account.',
      };
    case 'context_window':
      return { status: 400, type: 'ValidationException', message: 'Input is too long for requested model.' };
    case 'content_filter':
      return { status: 400, type: 'ValidationException', message: 'Output blocked by content filtering policy' };
  }
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStreamOutput.html */
export function inbandError(): StreamEvent {
  return {
    kind: 'other',
    event: 'exception:serviceUnavailableException',
    data: { message: 'Bedrock is unable to process your request.' },
  };
}

export function retryHint(refused: Refusal, seconds: number): Refusal {
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(Math.ceil(seconds)) } };
}
