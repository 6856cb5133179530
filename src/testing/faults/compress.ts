import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBrotliCompress, createDeflate, createGzip, createZstdCompress } from 'node:zlib';

export type Encoding = 'gzip' | 'br' | 'deflate' | 'zstd';

export interface CompressOptions {
  readonly encoding: Encoding;
  /** `each`: every piece can be inflated as soon as it has arrived. */
  readonly flush: 'each' | 'none';
  /** Whether the compressed stream is complete after the last piece. */
  readonly end: boolean;
}

/** One compressed piece for each given one; the last also holds the end of the compressed stream. */
export async function compress(
  pieces: readonly Uint8Array[],
  { encoding, flush, end }: CompressOptions,
): Promise<readonly Uint8Array[]> {
  const stream = create[encoding]();
  let current: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => current.push(chunk));
  const taken = (): Buffer => {
    const bytes = Buffer.concat(current);
    current = [];
    return bytes;
  };
  const compressed: Buffer[] = [];
  for (const piece of pieces) {
    await new Promise<void>((resolve) => stream.write(piece, () => resolve()));
    if (flush === 'each') await new Promise<void>((resolve) => stream.flush(resolve));
    // Output is emitted in the turn after the flush reports its end.
    await nextTurn();
    compressed.push(taken());
  }
  if (end) {
    await new Promise<void>((resolve) => stream.once('end', resolve).end());
    compressed.push(Buffer.concat([compressed.pop() ?? Buffer.alloc(0), taken()]));
  }
  stream.close();
  return compressed;
}

const create = {
  gzip: () => createGzip(),
  br: () => createBrotliCompress(),
  deflate: () => createDeflate(),
  zstd: () => createZstdCompress(),
} as const;
