import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Runtime, Timer } from '../core/runtime.ts';
import type { LoggedCall } from './call-log.ts';
import type { Delivery, Ending, Piece } from './wire-reply.ts';

/** How fast an answer goes over the wire. All in milliseconds. */
export interface Pacing {
  /** Before the headers. */
  readonly start: number;
  /** Before the first piece with content. */
  readonly firstContent: number;
  /** Before every other piece with content. */
  readonly content: number;
  /** Bytes written at a time. */
  readonly bytes: number;
  /** Between two writes. */
  readonly bytesDelay: number;
}

/** Time for what was written to reach the client, so that a reset does not overtake it. */
const settleDelay = 5;

/** One response on its way to the client: what `ServerResponse` allows, and what it does not. */
export class ResponseChannel {
  readonly #response: ServerResponse;
  readonly #socket: Socket | null;
  readonly #runtime: Runtime;
  readonly #call: LoggedCall;
  /** Who waits, and is to be told when the client goes. */
  readonly #waiting = new Set<() => void>();
  #isClosed = false;
  #ended = false;
  #framing: 'node' | 'raw-chunked' | 'raw-length' = 'node';

  constructor(response: ServerResponse, call: LoggedCall, runtime: Runtime) {
    this.#response = response;
    this.#socket = response.socket;
    this.#runtime = runtime;
    this.#call = call;
    response.once('close', () => {
      this.#isClosed = true;
      for (const settle of this.#waiting) settle();
    });
  }

  /** Whether the whole HTTP message has gone out. */
  get isComplete(): boolean {
    return this.#ended;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  head({ status, headers, rawHeaders }: Delivery): void {
    if (this.#isClosed) return;
    this.#call.status = status;
    if (rawHeaders.length === 0) {
      this.#response.writeHead(status, headers);
      this.#response.flushHeaders();
      return;
    }
    const chunked = headers['content-length'] === undefined;
    this.#framing = chunked ? 'raw-chunked' : 'raw-length';
    // Node would neither write these lines nor know that it did not: the connection serves no second request.
    const own = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const framing = chunked ? ['transfer-encoding: chunked'] : [];
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...own,
      ...rawHeaders,
      ...framing,
      'connection: close, x-demo-hop',
    ];
    this.#socket?.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'));
  }

  /** Resolves once the bytes are with the operating system, or the client is gone. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed || bytes.length === 0) return;
    await this.#wait((settle) => {
      if (this.#framing === 'node') this.#response.write(bytes, settle);
      else this.#socket?.write(this.#framed(bytes), settle);
    });
    if (!this.#isClosed) this.#call.bytesSent += bytes.length;
  }

  #framed(bytes: Uint8Array): Uint8Array {
    if (this.#framing === 'raw-length') return bytes;
    return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  }

  /** What became of the call; `undefined` when the client went first. */
  async finish(ending: Ending): Promise<'answered' | 'broken' | undefined> {
    switch (ending) {
      case 'end':
        await this.#end();
        return this.#ended ? 'answered' : undefined;
      case 'hang':
        await this.#wait(() => {});
        return undefined;
      case 'destroy':
      case 'reset':
        await this.pause(settleDelay);
        return this.#isClosed ? undefined : 'broken';
    }
  }

  /** Ends the connection the way a crashed or overloaded server does. */
  destroy(ending: Ending): void {
    if (ending === 'reset') this.#socket?.resetAndDestroy();
    else this.#socket?.destroy();
  }

  async #end(): Promise<void> {
    if (this.#isClosed) return;
    await this.#wait((settle) => {
      const done = (): void => {
        this.#ended = true;
        settle();
      };
      if (this.#framing === 'node') this.#response.end(done);
      else this.#socket?.end(this.#framing === 'raw-chunked' ? '0\r\n\r\n' : '', done);
    });
  }

  /** Waits, or less when the client goes. */
  async pause(milliseconds: number): Promise<void> {
    if (this.#isClosed) return;
    if (milliseconds <= 0) {
      // Lets a client in the same process read what has been written, so that pieces arrive one by one.
      await nextTurn();
      return;
    }
    let timer: Timer | undefined;
    await this.#wait((settle) => {
      timer = this.#runtime.after(milliseconds, settle);
    });
    timer?.cancel();
  }

  /** Until `start` calls `settle`, or the client goes. */
  async #wait(start: (settle: () => void) => void): Promise<void> {
    if (this.#isClosed) return;
    let settle = (): void => {};
    await new Promise<void>((resolve) => {
      settle = resolve;
      this.#waiting.add(settle);
      start(settle);
    });
    this.#waiting.delete(settle);
  }
}

/**
 * Sends what was planned, at the pace that was planned, for as long as the client is there. Returns what became of the
 * call, `undefined` when the client went first; a `broken` one is still to be destroyed.
 */
export async function deliver(
  delivery: Delivery,
  channel: ResponseChannel,
  { pacing, call }: SendOptions,
): Promise<'answered' | 'broken' | undefined> {
  channel.head(delivery);
  for await (const piece of delivery.pieces) {
    await channel.pause(delayBefore(piece, call, pacing));
    if (channel.isClosed) return undefined;
    if (piece.content) call.contentChunks += 1;
    await writeInParts(piece, channel, pacing);
  }
  return channel.finish(delivery.ending);
}

export interface SendOptions {
  readonly pacing: Pacing;
  readonly call: LoggedCall;
}

function delayBefore(piece: Piece, call: LoggedCall, pacing: Pacing): number {
  if (!piece.content) return 0;
  return call.contentChunks === 0 ? pacing.firstContent : pacing.content;
}

async function writeInParts({ bytes }: Piece, channel: ResponseChannel, pacing: Pacing): Promise<void> {
  for (let start = 0; start < bytes.length && !channel.isClosed; start += pacing.bytes) {
    if (start > 0) await channel.pause(pacing.bytesDelay);
    await channel.write(bytes.subarray(start, start + pacing.bytes));
  }
}
