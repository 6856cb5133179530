import type { IncomingMessage, ServerResponse } from 'node:http';

/** A request as Express 4 and 5 extend it; nothing beyond Node's own is required. */
export interface HttpRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly ip?: string | undefined;
  body?: unknown;
}

export type HttpResponse = ServerResponse;

/** A middleware for Express 4, Express 5, Connect, or a hand-written chain. */
export type Middleware = (request: HttpRequest, response: HttpResponse, next: (error?: unknown) => void) => void;
