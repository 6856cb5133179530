import { Socket } from 'node:net';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { patience } from '../core/patience.ts';
import type { Runtime } from '../core/runtime.ts';
import { type TransportFault, transportFault } from './transport-fault.ts';

/** A POST to a provider. */
export interface UpstreamRequest {
  /** Path and query. */
  readonly path: string;
  /** Name, value, name, value, ... */
  readonly headers: string[];
  readonly body: Buffer | string;
}

/** Response headers as they came, lower-case names. */
export type UpstreamHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Hears what happens to a request. After `onEnd` or `onFault`, exactly one of them, nothing more comes. */
export interface ExchangeListener {
  onHead(status: number, headers: UpstreamHeaders): void;
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFault(fault: TransportFault): void;
}

/** A request under way. */
export interface Exchange {
  /** Stops reading the answer, and so the provider. */
  pause(): void;
  resume(): void;
  /** Closes the connection; the listener hears nothing more. */
  abort(): void;
  /** Whether any byte of the request may have reached the provider. */
  readonly sent: boolean;
}

/** The only way out of the process. One per configured provider: it keeps that origin's connections alive. */
export interface HttpClient {
  post(request: UpstreamRequest, listener: ExchangeListener): Exchange;
  /** A GET whose whole answer is small; for active checks. Resolves to the status. */
  probe(request: Omit<UpstreamRequest, 'body'>, timeout: number): Promise<number>;
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Milliseconds until a connection must stand. */
  readonly connectTimeout: number;
  readonly runtime: Runtime;
}

/** An HTTP/1.1 client over undici's dispatch, which costs a third of `fetch` and hands over bytes as they arrive. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const pool = new Pool(options.origin, {
    connect: timedConnector(options),
    connections: null,
    pipelining: 1,
    allowH2: false,
    // Attempts carry their own timers, exact to the millisecond; undici's are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
  });
  return {
    post(request, listener) {
      const exchange = new PoolExchange(listener);
      pool.dispatch(
        { path: request.path, method: 'POST', headers: request.headers, body: request.body, idempotent: false },
        exchange,
      );
      return exchange;
    },
    probe: (request, timeout) => probe(pool, request, timeout),
    close: () => pool.destroy(),
  };
}

async function probe(pool: Pool, request: Omit<UpstreamRequest, 'body'>, timeout: number): Promise<number> {
  const response = await pool.request({
    path: request.path,
    method: 'GET',
    headers: request.headers,
    signal: AbortSignal.timeout(timeout),
  });
  await response.body.dump({ limit: 64 * 1024 });
  return response.statusCode;
}

/** undici's own connect timeout has a resolution of a second; a dead link must cost no more than it was given. */
function timedConnector({ connectTimeout, runtime }: HttpClientOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: connectTimeout * 2 + 2_000, allowH2: false });
  return (options, callback) => {
    const socket: unknown = connect(options, (...result) => {
      timer.cancel();
      callback(...result);
    });
    const timer = patience(runtime, connectTimeout, () => {
      const timeout = Object.assign(new Error('The connection was not made in time.'), { code: 'CONNECT_TIMEOUT' });
      if (socket instanceof Socket) socket.destroy(timeout);
    });
  };
}

/** Stands between undici's handler interface and ours, and drops what comes after an abort. */
class PoolExchange implements Exchange, Dispatcher.DispatchHandler {
  readonly #listener: ExchangeListener;
  #controller: Dispatcher.DispatchController | undefined;
  #aborted = false;
  #answering = false;

  constructor(listener: ExchangeListener) {
    this.#listener = listener;
  }

  get sent(): boolean {
    return this.#controller !== undefined;
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    // Before a connection stands there is nothing to close: the request is dropped when it would be written.
    this.#controller?.abort(new Error('aborted'));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#aborted) {
      controller.abort(new Error('aborted'));
      return;
    }
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: UpstreamHeaders): void {
    // 1xx are announcements, not answers.
    if (this.#aborted || status < 200) return;
    this.#answering = true;
    this.#listener.onHead(status, headers);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#aborted) this.#listener.onData(chunk);
  }

  onResponseEnd(): void {
    if (!this.#aborted) this.#listener.onEnd();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#aborted) return;
    this.#listener.onFault(transportFault(error, { sent: this.sent, answering: this.#answering }));
  }
}
