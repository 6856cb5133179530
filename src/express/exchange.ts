import type { AnswerObserver } from '../attempt/answer-observer.ts';
import { answeredStatus } from '../attempt/outcome.ts';
import { Call, type RequestHead } from '../core/call.ts';
import { checkHead } from '../core/check-head.ts';
import type { GatewayError } from '../core/errors.ts';
import { header } from '../core/header-names.ts';
import { type Inbound, inboundOf } from '../core/inbound.ts';
import { usableRequestId } from '../core/request-id.ts';
import type { Runtime } from '../core/runtime.ts';
import type { HttpRequest, HttpResponse } from './http-types.ts';
import type { Observation } from './observe-response.ts';
import { readBody } from './read-body.ts';
import type { ResponseWriter } from './write-reply.ts';

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
  /** Set while what the app's own handler writes is kept from the wire: leads past that. */
  writer: ResponseWriter | undefined;
  /** Reads along with the app's own handler. */
  observing: { readonly observation: Observation; readonly observer: AnswerObserver } | undefined;
}

/**
 * Where a request keeps its exchange. Registered by name and version, so that two installed copies of the package never
 * count one request as two calls. A symbol property and not a WeakMap: the garbage collector pays for each entry there.
 */
const exchangeKey = Symbol.for('ai-gateway-middleware.exchange.v1');

const requestKey = Symbol.for('ai-gateway-middleware.request.v1');

interface Marked {
  [exchangeKey]?: HttpExchange;
}

/** The exchange of a request: made when the first capability sees it. */
export function exchangeOf(
  request: HttpRequest & Marked,
  response: HttpResponse,
  options: ExchangeOptions,
): HttpExchange {
  const known = request[exchangeKey];
  if (known !== undefined) return known;
  const exchange = createExchange(request, response, options);
  request[exchangeKey] = exchange;
  return exchange;
}

/** The call a request belongs to, once a capability has seen it; for the app's own handlers and logs. */
export function callOf(request: HttpRequest & Marked): Call | undefined {
  return request[exchangeKey]?.call;
}

/**
 * The request behind a call that arrived over HTTP. Found by name and version, as the exchange is: another copy of the
 * package may have made the call.
 */
export function requestOf(call: Call): HttpRequest | undefined {
  const head: RequestHead & { readonly [requestKey]?: HttpRequest } = call.head;
  return head[requestKey];
}

function createExchange(request: HttpRequest, response: HttpResponse, options: ExchangeOptions): HttpExchange {
  const head = new HttpRequestHead(request);
  const { dialect, operation, origin } = inboundBelow(request, head.path);
  const call: Call = new Call({
    head,
    dialect,
    operation,
    origin,
    runtime: options.runtime,
    id: usableRequestId(request.headers[header.requestId]),
    readBody: () => readBody(request, { limit: options.bodyLimit, cancellation: call.cancellation }),
  });
  const exchange: HttpExchange = {
    call,
    response,
    refused: checkHead(head),
    answering: false,
    writer: undefined,
    observing: undefined,
  };
  response.once('close', () => closed(exchange));
  return exchange;
}

/** A mount point can look like a part of somebody's API (`/api` + `/chat`), so what stands below it is read first. */
function inboundBelow({ url }: HttpRequest, path: string): Inbound {
  const below = url === undefined || url === path ? undefined : inboundOf(url);
  return below === undefined || below.operation === 'other' ? inboundOf(path) : below;
}

class HttpRequestHead implements RequestHead {
  readonly #request: HttpRequest;
  readonly method: string;
  readonly path: string;
  readonly headers: RequestHead['headers'];
  readonly rawHeaders: readonly string[];

  constructor(request: HttpRequest) {
    this.#request = request;
    this.method = request.method ?? 'GET';
    this.path = request.originalUrl ?? request.url ?? '/';
    this.headers = request.headers;
    this.rawHeaders = request.rawHeaders;
  }

  get [requestKey](): HttpRequest {
    return this.#request;
  }

  /** Asking the socket costs a system call: only for who needs it. */
  get peer(): string {
    return this.#request.ip ?? this.#request.socket.remoteAddress ?? '';
  }
}

function closed(exchange: HttpExchange): void {
  const { call, response, observing } = exchange;
  if (!call.finished && !exchange.answering && call.foreign === undefined) {
    const httpStatus = response.statusCode;
    call.finish(observing?.observer.outcome() ?? { status: answeredStatus(httpStatus), httpStatus });
  }
  call.close(response.writableFinished);
}

/** From here on the answer is ours: nobody needs to read along. */
export function takeOver(exchange: HttpExchange): void {
  exchange.answering = true;
  exchange.observing?.observation.release();
  exchange.observing = undefined;
}
