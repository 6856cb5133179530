import { decompressionStream } from '../wire/decompression-stream.ts';

/** Undoes a content encoding that was not asked for, without trusting what comes out to be small. */
export interface Decompressor {
  /** False asks to stop until `onDrain`. */
  write(chunk: Uint8Array): boolean;
  end(): void;
  destroy(): void;
}

export interface DecompressorListener {
  onData(chunk: Buffer): void;
  onEnd(): void;
  onFault(): void;
  onDrain(): void;
}

/** A decompressor for a `content-encoding` value; `undefined` for an encoding nobody can read. */
export function createDecompressor(encoding: string, listener: DecompressorListener): Decompressor | undefined {
  const stream = decompressionStream(encoding);
  if (stream === undefined) return undefined;
  stream.on('data', (chunk: Buffer) => listener.onData(chunk));
  stream.on('end', () => listener.onEnd());
  stream.on('error', () => listener.onFault());
  stream.on('drain', () => listener.onDrain());
  return {
    write: (chunk) => stream.write(chunk),
    end: () => stream.end(),
    destroy: () => {
      stream.removeAllListeners();
      stream.on('error', () => {});
      stream.destroy();
    },
  };
}
