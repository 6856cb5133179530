import type { Transform } from 'node:stream';
import { decompressionStream } from '../wire/decompression-stream.ts';

export interface BodyListener {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** The body says it is compressed and is not, or not whole. */
  onDamaged(): void;
  /** The decompressor is behind; read no more until `onReady`. */
  onBusy(): void;
  onReady(): void;
}

/** Reads an answer's body through whatever content encoding it came in. How large it may grow is the listener's affair. */
export class BodyReader {
  readonly #listener: BodyListener;
  readonly #transform: Transform | undefined;
  /** False for an encoding nobody here can read. */
  readonly readable: boolean;

  constructor(encoding: string | undefined, listener: BodyListener) {
    const plain = encoding === undefined || encoding === '' || encoding === 'identity';
    this.#listener = listener;
    this.#transform = plain ? undefined : decompressionStream(encoding);
    this.readable = plain || this.#transform !== undefined;
    this.#transform?.on('data', (chunk: Buffer) => listener.onData(chunk));
    this.#transform?.on('end', () => listener.onEnd());
    this.#transform?.on('error', () => listener.onDamaged());
    this.#transform?.on('drain', () => listener.onReady());
  }

  push(chunk: Buffer): void {
    if (this.#transform === undefined) this.#listener.onData(chunk);
    else if (!this.#transform.write(chunk)) this.#listener.onBusy();
  }

  end(): void {
    if (this.#transform === undefined) this.#listener.onEnd();
    else this.#transform.end();
  }

  /** Nothing more is heard of it. */
  destroy(): void {
    this.#transform?.removeAllListeners();
    this.#transform?.on('error', () => {});
    this.#transform?.destroy();
  }
}
