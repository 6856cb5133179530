import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Caller } from '../core/call.ts';
import { ConfigurationError } from '../core/errors.ts';
import { digestLength, keyDigest } from './key-digest.ts';
import { compileModelPatterns, type ModelRule } from './model-rule.ts';
import { type ConfiguredKey, isPlausibleKey, type ResolvedAuthOptions } from './options.ts';

/** What is known of a key once it has been recognised. */
export interface KeyRecord {
  readonly caller: Caller;
  /** Which models it may use; `undefined` for all. */
  readonly mayUse: ModelRule | undefined;
}

/** The record of a key, `undefined` for a wrong one. */
export type KeyTable = (key: string) => KeyRecord | undefined;

/**
 * Digests of all keys, by digest. How long a look-up takes says nothing of any key: whoever does not know the secret
 * cannot choose a digest, and the comparison runs over all 32 bytes. Wrong keys leave nothing behind.
 *
 * @throws ConfigurationError when two entries are the same key
 */
export function keyTable({ keys, secret }: ResolvedAuthOptions): KeyTable {
  const digestOf = keyDigest(secret ?? randomBytes(digestLength));
  const records = new Map<string, KeyRecord & { readonly digest: Buffer; readonly where: string }>();
  for (const configured of keys) {
    const digest = storedDigest(configured, digestOf);
    const earlier = records.get(digest);
    if (earlier !== undefined) {
      throw new ConfigurationError(`auth(): ${earlier.where} and ${configured.where} are the same key; remove one`);
    }
    records.set(digest, { ...recordOf(configured), digest: Buffer.from(digest, 'latin1'), where: configured.where });
  }
  const presented = Buffer.alloc(digestLength);
  return (key) => {
    if (!isPlausibleKey(key)) return undefined;
    const digest = digestOf(key);
    const record = records.get(digest);
    if (record === undefined) return undefined;
    presented.write(digest, 'latin1');
    return timingSafeEqual(presented, record.digest) ? record : undefined;
  };
}

function storedDigest({ credential }: ConfiguredKey, digestOf: (key: string) => string): string {
  return 'key' in credential ? digestOf(credential.key) : Buffer.from(credential.hash, 'hex').toString('latin1');
}

function recordOf({ owner: { id, models, ...owner } }: ConfiguredKey): KeyRecord {
  return {
    caller: Object.freeze({ keyId: id, ...owner }),
    mayUse: models === undefined ? undefined : compileModelPatterns(models),
  };
}
