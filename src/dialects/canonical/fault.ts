/** Why an attempt failed, in the words failover decides on. */
export type FaultKind =
  /** 429: out of rate, worth waiting. */
  | 'rate_limit'
  /** 402, `insufficient_quota`, billing: waiting does not help. */
  | 'quota'
  | 'timeout'
  /** 5xx, 529 and overloads. */
  | 'server_error'
  | 'connection'
  /** 401/403: the provider refuses our credential. */
  | 'auth'
  | 'context_window'
  | 'content_filter'
  /** 404: the provider does not know the model (or the path). */
  | 'model_not_found'
  /** The caller's own mistake: any other 4xx. */
  | 'invalid_request'
  /** The answer broke off, could not be read, or was no answer at all. */
  | 'invalid_response';

/** A provider's failure as the dialect read it. */
export interface UpstreamFault {
  readonly kind: FaultKind;
  /** The provider's text with everything that looks like a credential or an account id masked; may be empty. */
  readonly message: string;
  /** HTTP status; absent for a failure inside a 200 stream that named none. */
  readonly status?: number;
  /** The provider's own code or type, e.g. `overloaded_error`. */
  readonly code?: string;
  /** The parameter the provider blames. */
  readonly param?: string;
  /** Milliseconds the provider asks to wait, from headers or body. */
  readonly retryAfterMs?: number;
}
