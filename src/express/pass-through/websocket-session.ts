import type { Duplex } from 'node:stream';
import { closeFrame, FrameWalker } from '../../pass-through/index.ts';

export interface WebSocketSessionInit {
  readonly caller: Duplex;
  readonly provider: Duplex;
  /** Headers of the answer to the caller's handshake. */
  readonly handshake: Readonly<Record<string, string>>;
  /** What came behind each side's handshake in the same packet. */
  readonly heads: { readonly caller: Buffer; readonly provider: Buffer };
  /** Both connections are closed. */
  readonly onEnd: (end: 'orderly' | 'caller_gone' | 'provider_gone') => void;
}

/** Two connections that have become one. Frames go through as they are; close codes are among them. */
export class WebSocketSession {
  readonly #init: WebSocketSessionInit;
  readonly #fromCaller = new FrameWalker();
  readonly #fromProvider = new FrameWalker();
  #bytes = 0;
  #first: 'caller' | 'provider' | undefined;
  #closed = 0;

  constructor(init: WebSocketSessionInit) {
    this.#init = init;
    const { caller, provider, heads, handshake } = init;
    caller.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(handshake)}\r\n`, 'latin1');
    if (heads.provider.length > 0) provider.unshift(heads.provider);
    if (heads.caller.length > 0) caller.unshift(heads.caller);
    this.#join(caller, provider, 'caller');
    this.#join(provider, caller, 'provider');
  }

  /** How many have gone through, both ways. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Tells the caller why the session ends, if no frame is half through. */
  close(code: number, reason: string): void {
    if (this.#fromProvider.atBoundary && !this.#fromProvider.closeSeen)
      this.#init.caller.write(closeFrame(code, reason));
  }

  /** Closes both connections once what was written is through. */
  destroy(): void {
    this.#init.provider.destroy();
    end(this.#init.caller);
  }

  #join(from: Duplex, to: Duplex, side: 'caller' | 'provider'): void {
    const walker = side === 'caller' ? this.#fromCaller : this.#fromProvider;
    from.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      walker.push(chunk);
    });
    from.pipe(to);
    const over = (): void => {
      this.#first ??= side;
    };
    // A connection that is reset closes as well, and that is where it is dealt with.
    from.on('error', over);
    from.once('end', over);
    from.once('close', () => {
      over();
      end(to);
      this.#closed += 1;
      if (this.#closed === 2) this.#init.onEnd(this.#end());
    });
  }

  #end(): 'orderly' | 'caller_gone' | 'provider_gone' {
    if (this.#fromCaller.closeSeen || this.#fromProvider.closeSeen) return 'orderly';
    return this.#first === 'caller' ? 'caller_gone' : 'provider_gone';
  }
}

/** How long the last bytes may take, in milliseconds. */
const flush = 2_000;

/** Ends a connection after what was written to it, and in any case soon. */
function end(socket: Duplex): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), flush);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.end(() => socket.destroy());
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value.replace(/[^\t\x20-\x7e]/g, '?')}\r\n`)
    .join('');
}
