import { createHmac, hash } from 'node:crypto';
import { maxKeyLength } from './plausible-key.ts';

/** SHA-256 works on blocks of 64 bytes and gives 32. */
const blockLength = 64;
export const digestLength = 32;

/**
 * The HMAC-SHA-256 of a key under a secret, as 64 hexadecimal digits: what `keyHashes` holds.
 * `printf %s "$KEY" | openssl dgst -sha256 -hmac "$SECRET"` prints the same.
 */
export function hashKey(key: string, secret: string): string {
  return createHmac('sha256', secret).update(key).digest('hex');
}

/** Computes the digest of a key: 32 bytes, one character each. */
export type KeyDigest = (key: string) => string;

/**
 * HMAC-SHA-256 (RFC 2104) in two one-shot hashes over buffers that are made once: about 1 us, where `createHmac` costs
 * 14 us because each call builds a native object. A digest function takes keys of up to `maxKeyLength` ASCII characters.
 */
export function keyDigest(secret: string | Uint8Array): KeyDigest {
  const inner = Buffer.alloc(blockLength + maxKeyLength);
  const outer = Buffer.alloc(blockLength + digestLength);
  fillPads(blockOf(secret), inner, outer);
  return (key) => {
    const end = inner.write(key, blockLength, 'latin1') + blockLength;
    outer.write(hash('sha256', inner.subarray(0, end), 'binary'), blockLength, 'latin1');
    inner.fill(0, blockLength, end);
    return hash('sha256', outer, 'binary');
  };
}

/** The secret as one block: hashed when it is longer, padded with zeros when it is shorter. */
function blockOf(secret: string | Uint8Array): Buffer {
  const bytes = Buffer.from(secret);
  const block = Buffer.alloc(blockLength);
  (bytes.length > blockLength ? hash('sha256', bytes, 'buffer') : bytes).copy(block);
  return block;
}

function fillPads(block: Buffer, inner: Buffer, outer: Buffer): void {
  for (const [index, byte] of block.entries()) {
    inner[index] = byte ^ 0x36;
    outer[index] = byte ^ 0x5c;
  }
}
