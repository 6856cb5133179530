import { timingSafeEqual } from 'node:crypto';
import { ConfigurationError } from '../core/errors.ts';
import { digestLength, type KeyDigest } from './key-digest.ts';
import { type KeyRecord, keyRecord } from './key-record.ts';
import type { ConfiguredKey } from './options.ts';

/** The record of a key by its digest; `undefined` for a wrong one. */
export type KeyTable = (digest: string) => KeyRecord | undefined;

/**
 * The configured keys by their digests. How long a look-up takes says nothing of any key: whoever does not know the
 * secret cannot choose a digest, and the comparison runs over all 32 bytes.
 *
 * @throws ConfigurationError when two entries are the same key
 */
export function keyTable(keys: readonly ConfiguredKey[], digestOf: KeyDigest): KeyTable {
  const records = new Map<string, { readonly record: KeyRecord; readonly digest: Buffer; readonly where: string }>();
  for (const configured of keys) {
    const { where, id, terms } = configured;
    const digest = storedDigest(configured, digestOf);
    const earlier = records.get(digest);
    if (earlier !== undefined) {
      throw new ConfigurationError(`auth(): ${earlier.where} and ${where} are the same key; remove one`);
    }
    records.set(digest, { record: keyRecord(id, terms), digest: Buffer.from(digest, 'latin1'), where });
  }
  const presented = Buffer.alloc(digestLength);
  return (digest) => {
    const found = records.get(digest);
    if (found === undefined) return undefined;
    presented.write(digest, 'latin1');
    return timingSafeEqual(presented, found.digest) ? found.record : undefined;
  };
}

function storedDigest({ credential }: ConfiguredKey, digestOf: KeyDigest): string {
  return 'key' in credential ? digestOf(credential.key) : Buffer.from(credential.hash, 'hex').toString('latin1');
}
