import type { DialectName } from './dialect-name.ts';
import type { ErrorType } from './error-catalogue.ts';
import type { GatewayError } from './errors.ts';
import type { JsonObject } from './json.ts';

/** The JSON body of an error in the caller's dialect. */
export function errorBody(error: GatewayError, dialect: DialectName): JsonObject {
  switch (dialect) {
    case 'openai-chat':
      return openaiError(error);
    case 'anthropic-messages':
      return anthropicError(error);
    case 'gemini':
      return geminiError(error);
  }
}

/** The last frame of a broken stream: the dialect's own error event, after which the socket is destroyed. */
export function errorFrame(error: GatewayError, dialect: DialectName): string {
  const body = JSON.stringify(errorBody(error, dialect));
  return dialect === 'anthropic-messages' ? `event: error\ndata: ${body}\n\n` : `data: ${body}\n\n`;
}

/** https://platform.openai.com/docs/guides/error-codes */
function openaiError(error: GatewayError): JsonObject {
  return {
    error: {
      message: error.message,
      type: error.type,
      param: error.param ?? null,
      code: error.code,
      ...(error.providerCode !== undefined && { provider_code: error.providerCode }),
    },
  };
}

const anthropicTypes: Readonly<Record<ErrorType, string>> = {
  invalid_request_error: 'invalid_request_error',
  authentication_error: 'authentication_error',
  permission_error: 'permission_error',
  not_found_error: 'not_found_error',
  rate_limit_error: 'rate_limit_error',
  upstream_error: 'api_error',
  service_unavailable: 'overloaded_error',
  timeout_error: 'timeout_error',
  server_error: 'api_error',
};

/** https://docs.anthropic.com/en/api/errors */
function anthropicError(error: GatewayError): JsonObject {
  return { type: 'error', error: { type: anthropicTypes[error.type], message: error.message, code: error.code } };
}

const geminiStatuses: Readonly<Record<ErrorType, string>> = {
  invalid_request_error: 'INVALID_ARGUMENT',
  authentication_error: 'UNAUTHENTICATED',
  permission_error: 'PERMISSION_DENIED',
  not_found_error: 'NOT_FOUND',
  rate_limit_error: 'RESOURCE_EXHAUSTED',
  upstream_error: 'INTERNAL',
  service_unavailable: 'UNAVAILABLE',
  timeout_error: 'DEADLINE_EXCEEDED',
  server_error: 'INTERNAL',
};

/** https://cloud.google.com/apis/design/errors */
function geminiError(error: GatewayError): JsonObject {
  return {
    error: {
      code: error.status,
      message: error.message,
      status: geminiStatuses[error.type],
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: error.code, domain: 'ai-gateway' }],
    },
  };
}
