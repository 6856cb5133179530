import type { DialectName } from './dialect-name.ts';
import type { ErrorType } from './error-catalogue.ts';
import type { GatewayError } from './errors.ts';
import type { JsonObject } from './json.ts';

/** The JSON body of an error in the caller's dialect. */
export function errorBody(error: GatewayError, dialect: DialectName): JsonObject {
  switch (dialect) {
    case 'openai-chat':
    case 'openai-responses':
    case 'plain-chat':
      return openaiError(error);
    case 'anthropic-messages':
      return anthropicError(error);
    case 'gemini':
      return geminiError(error);
    case 'bedrock-converse':
      return { message: error.message };
    case 'cohere-chat':
      return { message: error.message, code: error.code };
    case 'ollama-chat':
      return { error: error.message, code: error.code };
  }
}

/** Headers that belong to an error in the caller's dialect. */
export function errorHeaders(error: GatewayError, dialect: DialectName): Readonly<Record<string, string>> {
  return dialect === 'bedrock-converse' ? { 'x-amzn-errortype': bedrockErrorType(error) } : {};
}

/** The exception a Bedrock client raises: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export function bedrockErrorType({ type }: GatewayError): string {
  return bedrockTypes[type];
}

const bedrockTypes: Readonly<Record<ErrorType, string>> = {
  invalid_request_error: 'ValidationException',
  authentication_error: 'UnrecognizedClientException',
  permission_error: 'AccessDeniedException',
  not_found_error: 'ResourceNotFoundException',
  rate_limit_error: 'ThrottlingException',
  upstream_error: 'ModelErrorException',
  service_unavailable: 'ServiceUnavailableException',
  timeout_error: 'ModelTimeoutException',
  insufficient_quota: 'ServiceQuotaExceededException',
  server_error: 'InternalServerException',
};

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
  insufficient_quota: 'billing_error',
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
  insufficient_quota: 'FAILED_PRECONDITION',
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
