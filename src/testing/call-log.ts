import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { JsonValue } from '../core/json.ts';
import type { FaultName } from './faults/fault-table.ts';
import type { PlayedDialect, Route } from './personality.ts';

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
  readonly dialect: PlayedDialect | undefined;
  readonly operation: Route['operation'] | 'unknown';
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

/** What is left of calls that the log no longer holds. */
interface Totals {
  calls: number;
  aborted: number;
  refused: number;
  bytesReceived: number;
  bytesSent: number;
}

/** Keeps the books of one fake provider. */
export class CallLog {
  readonly #now: () => number;
  readonly #capacity: number;
  #calls: LoggedCall[] = [];
  #forgotten = noTotals();
  #number = 0;
  readonly #open = new Set<LoggedCall>();
  #maxOpen = 0;
  #openSockets = 0;
  #sockets = 0;
  #idleListeners = new Set<() => void>();

  /** @param capacity calls it holds; of older ones only the totals remain */
  constructor(now: () => number, capacity: number) {
    this.#now = now;
    this.#capacity = capacity;
  }

  get calls(): readonly RecordedCall[] {
    return this.#calls;
  }

  /** Calls under way, oldest first. */
  get open(): readonly RecordedCall[] {
    return [...this.#open];
  }

  stats(): WallStats {
    const totals = { ...this.#forgotten };
    for (const call of this.#calls) addTo(totals, call);
    const connections = { openSockets: this.#openSockets, sockets: this.#sockets };
    return { ...totals, ...connections, open: this.#open.size, maxOpen: this.#maxOpen };
  }

  /** Forgets what has ended. What is still open stays counted. */
  reset(): void {
    this.#calls = this.#calls.filter((call) => call.outcome === 'open');
    this.#forgotten = noTotals();
    this.#number = this.#calls.length;
    this.#maxOpen = this.#open.size;
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
    this.#number += 1;
    const call = newCall(request, this.#number, this.#now());
    this.#calls.push(call);
    this.#open.add(call);
    this.#maxOpen = Math.max(this.#maxOpen, this.#open.size);
    return call;
  }

  /** The first outcome of a call counts. */
  callEnded(call: LoggedCall, outcome: 'answered' | 'broken' | 'aborted'): void {
    if (call.outcome !== 'open') return;
    call.outcome = outcome;
    call.endedAt = this.#now();
    this.#open.delete(call);
    this.#forgetOldest();
    if (this.#open.size === 0) this.#tellIdle();
  }

  /** Only calls that have ended: what is under way must stay in sight. */
  #forgetOldest(): void {
    const [oldest] = this.#calls;
    if (this.#calls.length <= this.#capacity || oldest === undefined || oldest.outcome === 'open') return;
    this.#calls.shift();
    addTo(this.#forgotten, oldest);
  }

  #tellIdle(): void {
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

function newCall(request: IncomingMessage, number: number, receivedAt: number): LoggedCall {
  return {
    number,
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
    receivedAt,
    status: undefined,
    bytesSent: 0,
    contentChunks: 0,
    outcome: 'open',
    endedAt: undefined,
  };
}

function noTotals(): Totals {
  return { calls: 0, aborted: 0, refused: 0, bytesReceived: 0, bytesSent: 0 };
}

function addTo(totals: Totals, call: RecordedCall): void {
  totals.calls += 1;
  if (call.outcome === 'aborted') totals.aborted += 1;
  if (call.refusal !== undefined) totals.refused += 1;
  totals.bytesReceived += call.body.length;
  totals.bytesSent += call.bytesSent;
}
