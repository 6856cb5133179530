import { AnswerObserver } from '../attempt/answer-observer.ts';
import { Call, type RequestHead } from '../core/call.ts';
import { checkHead } from '../core/check-head.ts';
import type { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import { inboundOf } from '../core/inbound.ts';
import type { Runtime } from '../core/runtime.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { type Capture, captureResponse } from './capture-response.ts';
import type { HttpRequest, HttpResponse } from './http-types.ts';
import { readBody } from './read-body.ts';

export interface ExchangeOptions {
  readonly runtime: Runtime;
  /** Largest request body in bytes. */
  readonly bodyLimit: number;
}

/** One HTTP request and its call. */
export interface HttpExchange {
  readonly call: Call;
  readonly response: HttpResponse;
  /** The request cannot be served at all. */
  readonly refused: GatewayError | undefined;
  /** True while a terminal of ours works on the answer. */
  answering: boolean;
  /** Reads along with the app's own handler. */
  observing: { readonly capture: Capture; readonly observer: AnswerObserver } | undefined;
}

/** Shared by all copies of the package in a process, so that two of them never count one request as two calls. */
const storeKey = Symbol.for('ai-gateway-middleware.exchanges.v1');
const ownExchanges = new WeakMap<object, HttpExchange>();

function exchanges(): WeakMap<object, HttpExchange> {
  const shared: unknown = Reflect.get(globalThis, storeKey);
  if (shared instanceof WeakMap) return shared;
  Object.defineProperty(globalThis, storeKey, { value: ownExchanges });
  return ownExchanges;
}

/** The exchange of a request: made when the first capability sees it. */
export function exchangeOf(request: HttpRequest, response: HttpResponse, options: ExchangeOptions): HttpExchange {
  const known = exchanges().get(request);
  if (known !== undefined) return known;
  const exchange = createExchange(request, response, options);
  exchanges().set(request, exchange);
  return exchange;
}

/** The call a request belongs to, once a capability has seen it; for the app's own handlers and logs. */
export function callOf(request: HttpRequest): Call | undefined {
  return exchanges().get(request)?.call;
}

function createExchange(request: HttpRequest, response: HttpResponse, options: ExchangeOptions): HttpExchange {
  const path = request.originalUrl ?? request.url ?? '/';
  const head = requestHead(request, path);
  const id = requestId(request.headers[header.requestId]);
  const call = new Call({
    ...inboundOf(path),
    head,
    runtime: options.runtime,
    readBody: () => readBody(request, options.bodyLimit),
    ...(id !== undefined && { id }),
  });
  const exchange: HttpExchange = {
    call,
    response,
    refused: checkHead(head),
    answering: false,
    observing: undefined,
  };
  if (!response.headersSent) response.setHeader(header.requestId, call.id);
  response.once('close', () => closed(exchange));
  return exchange;
}

function requestHead(request: HttpRequest, path: string): RequestHead {
  return {
    method: request.method ?? 'GET',
    path,
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    // Asking the socket costs a system call: only for who needs it.
    get peer() {
      return request.ip ?? request.socket.remoteAddress ?? '';
    },
  };
}

/** A caller's own request id is kept when it is short and plain; logs and headers carry it. */
function requestId(sent: string | string[] | undefined): string | undefined {
  return typeof sent === 'string' && /^[\w.:-]{1,128}$/.test(sent) ? sent : undefined;
}

function closed(exchange: HttpExchange): void {
  const { call, response, observing } = exchange;
  if (!call.finished && !exchange.answering && call.foreign === undefined) {
    call.finish(observing?.observer.outcome() ?? { status: 'ok', httpStatus: response.statusCode });
  }
  call.close(response.writableFinished);
}

/** Follows the answer of the app's own handler, so that what it used is known when the call settles. */
export function observe(exchange: HttpExchange, dialect: Dialect): void {
  if (exchange.observing !== undefined || exchange.response.headersSent) return;
  const observer = new AnswerObserver(dialect);
  const capture = captureResponse(exchange.response, 'observe', {
    onHead: (status, headers) => observer.onHead(status, String(headers['content-type'] ?? '')),
    onData: (chunk) => {
      observer.onData(chunk);
      return true;
    },
    onEnd: () => observer.onEnd(),
  });
  exchange.observing = { capture, observer };
}

/** From here on the answer is ours: nobody needs to read along. */
export function takeOver(exchange: HttpExchange): void {
  exchange.answering = true;
  exchange.observing?.capture.release();
  exchange.observing = undefined;
}
