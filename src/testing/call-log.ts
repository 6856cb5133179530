import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { DialectName } from '../core/dialect-name.ts';
import type { JsonValue } from '../core/json.ts';
import type { FaultName } from './faults/fault-table.ts';

/** A request the fake provider got, and what became of it. Times are milliseconds of the runtime's clock (`performance.now()`). */
export interface RecordedCall {
  /** Counted from 1. */
  readonly number: number;
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** Name, value, name, value, ... as sent. */
  readonly rawHeaders: readonly string[];
  /** The body's bytes as sent. */
  readonly body: Buffer;
  /** The parsed body, `undefined` when it is no JSON. */
  readonly json: JsonValue | undefined;
  /** `undefined` for a path that belongs to no dialect. */
  readonly dialect: DialectName | undefined;
  readonly operation: 'chat' | 'models' | 'unknown';
  readonly model: string;
  /** The faults that took effect. */
  readonly faults: readonly FaultName[];
  /** Why the provider refused the request: the request itself was wrong. */
  readonly refusal: { readonly status: number; readonly message: string } | undefined;
  readonly receivedAt: number;
  /** Status sent, where headers went out. */
  readonly status: number | undefined;
  /** Bytes of the response body, as sent. */
  readonly bytesSent: number;
  /** Pieces with visible output that went out. */
  readonly contentChunks: number;
  /** `answered`: a complete HTTP message. `broken`: a fault ended it. `aborted`: the client went before the end. */
  readonly outcome: 'open' | 'answered' | 'broken' | 'aborted';
  /** When the end was seen: for `aborted`, the client's going. */
  readonly endedAt: number | undefined;
}

export interface WallStats {
  readonly calls: number;
  /** Calls under way. */
  readonly open: number;
  /** Most calls under way at the same time. */
  readonly maxOpen: number;
  /** Connections open now, idle kept-alive ones included. */
  readonly openSockets: number;
  /** Connections ever made. */
  readonly sockets: number;
  readonly aborted: number;
  /** Calls refused because of what they asked, with 4xx. */
  readonly refused: number;
  /** Request bodies. */
  readonly bytesReceived: number;
  /** Response bodies. */
  readonly bytesSent: number;
}

/** The log's own view of a call. */
export type LoggedCall = { -readonly [Key in keyof RecordedCall]: RecordedCall[Key] };

/** Keeps the books of one fake provider. */
export class CallLog {
  readonly #now: () => number;
  #calls: LoggedCall[] = [];
  #open = 0;
  #maxOpen = 0;
  #openSockets = 0;
  #sockets = 0;
  #idleListeners = new Set<() => void>();

  constructor(now: () => number) {
    this.#now = now;
  }

  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  get isIdle(): boolean {
    return this.#open === 0;
  }

  stats(): WallStats {
    return {
      calls: this.#calls.length,
      open: this.#open,
      maxOpen: this.#maxOpen,
      openSockets: this.#openSockets,
      sockets: this.#sockets,
      aborted: this.#calls.filter((call) => call.outcome === 'aborted').length,
      refused: this.#calls.filter((call) => call.refusal !== undefined).length,
      bytesReceived: this.#calls.reduce((total, call) => total + call.body.length, 0),
      bytesSent: this.#calls.reduce((total, call) => total + call.bytesSent, 0),
    };
  }

  /** Forgets what has ended. What is still open stays counted. */
  reset(): void {
    this.#calls = this.#calls.filter((call) => call.outcome === 'open');
    this.#maxOpen = this.#open;
    this.#sockets = this.#openSockets;
  }

  socketOpened(): void {
    this.#openSockets += 1;
    this.#sockets += 1;
  }

  socketClosed(): void {
    this.#openSockets -= 1;
  }

  callStarted(request: IncomingMessage): LoggedCall {
    const call: LoggedCall = {
      number: this.#calls.length + 1,
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      rawHeaders: request.rawHeaders,
      body: Buffer.alloc(0),
      json: undefined,
      dialect: undefined,
      operation: 'unknown',
      model: '',
      faults: [],
      refusal: undefined,
      receivedAt: this.#now(),
      status: undefined,
      bytesSent: 0,
      contentChunks: 0,
      outcome: 'open',
      endedAt: undefined,
    };
    this.#calls.push(call);
    this.#open += 1;
    this.#maxOpen = Math.max(this.#maxOpen, this.#open);
    return call;
  }

  /** The first outcome of a call counts. */
  callEnded(call: LoggedCall, outcome: 'answered' | 'broken' | 'aborted'): void {
    if (call.outcome !== 'open') return;
    call.outcome = outcome;
    call.endedAt = this.#now();
    this.#open -= 1;
    if (this.#open > 0) return;
    const listeners = this.#idleListeners;
    this.#idleListeners = new Set();
    listeners.forEach((listener) => {
      listener();
    });
  }

  /** Calls the listener once, when no call is under way any more. Returns how to forget it. */
  onIdle(listener: () => void): () => void {
    this.#idleListeners.add(listener);
    return () => this.#idleListeners.delete(listener);
  }
}
