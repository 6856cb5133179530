import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Piece } from '../wire-reply.ts';

const megabyte = 1024 * 1024;

/** One line of an event stream, or one JSON string, of about this many megabytes; memory stays at one. */
export function* longLine(form: 'stream' | 'whole', megabytes: number): Generator<Piece> {
  yield piece(form === 'stream' ? 'data: ' : '{"id":"');
  const block = Buffer.alloc(megabyte / 16, 'x');
  for (let index = 0; index < megabytes * 16; index += 1) yield { bytes: block, content: false };
  if (form === 'whole') yield piece('"}');
}

/** The same, compressed: a thousandth of the size on the wire. */
export async function* bomb(form: 'stream' | 'whole', megabytes: number): AsyncGenerator<Piece> {
  const source = Readable.from(bytesOf(longLine(form, megabytes)));
  // The callback keeps an early end of the consumer from surfacing as an unhandled error.
  const inflating = pipeline(source, createGzip(), () => {});
  for await (const chunk of inflating) {
    if (Buffer.isBuffer(chunk)) yield { bytes: chunk, content: false };
  }
}

function* bytesOf(pieces: Iterable<Piece>): Generator<Uint8Array> {
  for (const { bytes } of pieces) yield bytes;
}

function piece(text: string): Piece {
  return { bytes: Buffer.from(text), content: false };
}
