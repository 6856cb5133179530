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

/** An answer's body on its way through a content encoding nobody asked for. */
export interface DecompressedBody {
  push(chunk: Buffer): void;
  end(): void;
  /** Few bytes may inflate to many: it is not enough to stop what comes in. */
  pause(): void;
  resume(): void;
  /** Nothing more is heard of it. */
  destroy(): void;
}

/**
 * How large the body may grow is the listener's affair; it hears of every piece.
 *
 * @returns `undefined` for an encoding nobody here can read
 */
export function decompressedBody(encoding: string, listener: BodyListener): DecompressedBody | undefined {
  const transform = decompressionStream(encoding);
  if (transform === undefined) return undefined;
  transform.on('data', (chunk: Buffer) => listener.onData(chunk));
  transform.on('end', () => listener.onEnd());
  transform.on('error', () => listener.onDamaged());
  transform.on('drain', () => listener.onReady());
  return {
    push(chunk) {
      if (!transform.write(chunk)) listener.onBusy();
    },
    end: () => {
      transform.end();
    },
    pause: () => {
      transform.pause();
    },
    resume: () => {
      transform.resume();
    },
    destroy() {
      transform.removeAllListeners();
      transform.on('error', () => {});
      transform.destroy();
    },
  };
}
