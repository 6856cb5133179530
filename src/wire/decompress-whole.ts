import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';

/**
 * What a `content-encoding` value was put over, for bytes that are all there.
 *
 * @throws RangeError beyond `limit` bytes, TypeError for an encoding nobody here can read, zlib's errors for damaged bytes
 */
export function decompressWhole(bytes: Buffer, encoding: string, limit: number): Buffer {
  const options = { maxOutputLength: limit };
  switch (encoding) {
    case '':
    case 'identity':
      return bytes;
    case 'gzip':
    case 'x-gzip':
      return gunzipSync(bytes, options);
    case 'deflate':
      return inflateSync(bytes, options);
    case 'br':
      return brotliDecompressSync(bytes, options);
    case 'zstd':
      return zstdDecompressSync(bytes, options);
    default:
      throw new TypeError(`Nobody here can read the content encoding ${encoding}.`);
  }
}
