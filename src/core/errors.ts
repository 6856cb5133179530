import { type ErrorCode, type ErrorType, errorCatalogue } from './error-catalogue.ts';

/** What an error may say beyond its code. Everything here except `cause` reaches the caller. */
export interface GatewayErrorDetails {
  /** Text for the caller. Without it, the catalogue's. Never an upstream URL, a stack or a secret. */
  readonly message?: string;
  /** The request parameter at fault, as the caller spelt it. */
  readonly param?: string;
  /** Seconds until a new try makes sense; sent as `Retry-After`. */
  readonly retryAfter?: number;
  /** HTTP status when it differs from the catalogue's (a provider's own 4xx that we pass on). */
  readonly status?: number;
  /** The provider's own error code, where the caller's client may want to branch on it. */
  readonly providerCode?: string;
  /** Response headers this error adds, e.g. `www-authenticate`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For logs only. */
  readonly cause?: unknown;
}

/** The one error class of this package. `code` is a key of the catalogue; the rest follows from it. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly type: ErrorType;
  readonly retryable: boolean;
  readonly param: string | undefined;
  readonly retryAfter: number | undefined;
  readonly providerCode: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ErrorCode, details: GatewayErrorDetails = {}) {
    const known = errorCatalogue[code];
    super(details.message ?? known.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status ?? known.status;
    this.type = known.type;
    this.retryable = known.retryable;
    this.param = details.param;
    this.retryAfter = details.retryAfter;
    this.providerCode = details.providerCode;
    this.headers = details.headers;
  }
}

/** An operator's mistake, found at construction or start-up. The message names the option and the fix. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/**
 * The error as one of ours. A thrown value we do not know becomes `internal_error`; its text stays in `cause`, out of
 * the caller's sight.
 */
export function toGatewayError(thrown: unknown): GatewayError {
  return thrown instanceof GatewayError ? thrown : new GatewayError('internal_error', { cause: thrown });
}
