/** OpenAI's error types: https://platform.openai.com/docs/guides/error-codes */
export type ErrorType =
  | 'invalid_request_error'
  | 'authentication_error'
  | 'permission_error'
  | 'not_found_error'
  | 'rate_limit_error'
  | 'upstream_error'
  | 'service_unavailable'
  | 'timeout_error'
  /** What a spent budget is: official clients do not try again. */
  | 'insufficient_quota'
  | 'server_error';

interface CatalogueEntry {
  /** HTTP status when nothing has been sent yet. */
  readonly status: number;
  readonly type: ErrorType;
  /** What the caller reads unless the place that raises the error knows better. */
  readonly message: string;
  /** Whether the same request may succeed if it is sent again. */
  readonly retryable: boolean;
}

/** Every error this package answers with, by code. `docs/errors.md` lists the same codes; a test compares the two. */
export const errorCatalogue = {
  invalid_json: entry(400, 'invalid_request_error', 'The request body is not valid JSON.'),
  json_too_deep: entry(400, 'invalid_request_error', 'The request body is nested too deeply.'),
  invalid_utf8: entry(400, 'invalid_request_error', 'The request body is not valid UTF-8.'),
  forbidden_key: entry(400, 'invalid_request_error', 'The request body has a key that is not allowed.'),
  invalid_request: entry(400, 'invalid_request_error', 'The request is not valid.'),
  invalid_headers: entry(400, 'invalid_request_error', 'The request headers are not valid.'),
  unsupported_parameter: entry(400, 'invalid_request_error', 'The model does not support a parameter of the request.'),
  context_length_exceeded: entry(400, 'invalid_request_error', 'The request is longer than the model can read.'),
  content_policy_violation: entry(400, 'invalid_request_error', "The provider's content policy refused the request."),
  ambiguous_credentials: entry(400, 'invalid_request_error', 'Several different credentials were sent. Send one.'),
  missing_api_key: entry(401, 'authentication_error', 'No API key was sent. Use `Authorization: Bearer <key>`.'),
  invalid_api_key: entry(401, 'authentication_error', 'The API key is not valid.'),
  provider_key_refused: entry(401, 'authentication_error', 'The provider refused the key in `x-provider-key`.'),
  provider_key_exhausted: entry(402, 'insufficient_quota', 'The key in `x-provider-key` has no credit left.'),
  budget_exceeded: entry(402, 'insufficient_quota', 'The budget is spent.'),
  model_not_allowed: entry(403, 'permission_error', 'This API key may not use the model.'),
  permission_denied: entry(403, 'permission_error', 'This API key may not do this.'),
  model_not_found: entry(404, 'not_found_error', 'The model does not exist here.'),
  not_found: entry(404, 'not_found_error', 'There is nothing at this path.'),
  method_not_allowed: entry(405, 'invalid_request_error', 'This path does not take the method.'),
  model_price_unknown: entry(400, 'invalid_request_error', 'The model has no known price, and a budget applies.'),
  conflict: entry(409, 'invalid_request_error', 'Something else has this name, or has changed it meanwhile.'),
  request_too_large: entry(413, 'invalid_request_error', 'The request body is too large.'),
  unsupported_media_type: entry(415, 'invalid_request_error', 'The request body must be JSON.'),
  unprocessable_request: entry(422, 'invalid_request_error', 'The provider could not process the request.'),
  rate_limit_exceeded: entry(429, 'rate_limit_error', 'Too many requests. Try again later.', true),
  insufficient_quota: entry(502, 'upstream_error', "The gateway's account with the provider has no credit left."),
  internal_error: entry(500, 'server_error', 'The gateway failed. The error is ours.'),
  wrong_mount: entry(500, 'server_error', 'The gateway is mounted in a way that cannot work. See its log.'),
  upstream_error: entry(502, 'upstream_error', 'The provider answered with an error.', true),
  upstream_invalid_response: entry(502, 'upstream_error', 'The provider sent an answer that could not be read.', true),
  upstream_auth_failed: entry(502, 'upstream_error', "The provider refused the gateway's credentials."),
  upstream_redirect: entry(502, 'upstream_error', 'The provider answered with a redirect, which is not followed.'),
  upstream_connection: entry(502, 'upstream_error', 'The connection to the provider failed.', true),
  upstream_truncated: entry(502, 'upstream_error', 'The answer ended before it was complete.', true),
  upstream_overloaded: entry(503, 'service_unavailable', 'The provider is overloaded.', true),
  no_healthy_upstream: entry(503, 'service_unavailable', 'No provider can take the request right now.', true),
  budget_unavailable: entry(503, 'service_unavailable', 'Budgets cannot be checked right now.', true),
  ledger_unavailable: entry(503, 'service_unavailable', 'The usage ledger cannot be reached right now.', true),
  limits_unavailable: entry(503, 'service_unavailable', 'Rate limits cannot be checked right now.', true),
  auth_unavailable: entry(503, 'service_unavailable', 'API keys cannot be checked right now.', true),
  shutting_down: entry(503, 'service_unavailable', 'The gateway is shutting down.', true),
  upstream_timeout: entry(504, 'timeout_error', 'The provider did not answer in time.', true),
  deadline_exceeded: entry(504, 'timeout_error', 'The request did not finish before its deadline.', true),
  client_closed_request: entry(499, 'invalid_request_error', 'The caller closed the connection.'),
} as const satisfies Record<string, CatalogueEntry>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errorCatalogue;

function entry(status: number, type: ErrorType, message: string, retryable = false): CatalogueEntry {
  return { status, type, message, retryable };
}
