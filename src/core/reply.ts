import type { DialectName } from './dialect-name.ts';
import { errorBody, errorHeaders } from './error-body.ts';
import type { GatewayError } from './errors.ts';
import { header } from './header-names.ts';

/** Response headers, lower-case names. */
export type ReplyHeaders = Readonly<Record<string, string | number>>;

/** What a call answers with. A host face writes it out; nothing has reached the caller while it is only a value. */
export type Reply = WholeReply | StreamReply;

export interface WholeReply {
  readonly kind: 'whole';
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: Uint8Array | string;
}

export interface StreamReply {
  readonly kind: 'stream';
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly source: StreamSource;
}

/** A running answer that has committed: its first real output is there. It stops by itself when the call is cancelled. */
export interface StreamSource {
  /** Called once. From then on the source writes, until it calls `end` or `fail`, exactly once. */
  start(sink: StreamSink): void;
  /** The sink can take more after `write` returned false. */
  resume(): void;
}

/** Where a stream goes: a response, a web stream, a test. */
export interface StreamSink {
  /** False asks the source to stop until `resume`. */
  write(bytes: Uint8Array | string): boolean;
  /** A complete end. */
  end(): void;
  /** A broken end: the frame is flushed, then the connection is destroyed, so that no client takes it for complete. */
  fail(lastFrame: Uint8Array | string): void;
}

/** The reply that carries an error, in the caller's dialect. */
export function errorReply(error: GatewayError, dialect: DialectName): WholeReply {
  const headers: Record<string, string | number> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...errorHeaders(error, dialect),
    ...error.headers,
  };
  if (error.retryAfter !== undefined) headers[header.retryAfter] = Math.max(1, Math.ceil(error.retryAfter));
  if (!error.retryable && error.status >= 500) headers[header.shouldRetry] = 'false';
  return { kind: 'whole', status: error.status, headers, body: JSON.stringify(errorBody(error, dialect)) };
}
