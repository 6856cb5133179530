import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { hashKey, keyDigest } from '../../src/auth/key-digest.ts';
import { maxKeyLength } from '../../src/auth/plausible-key.ts';

describe('the digest of a key', () => {
  it('is HMAC-SHA-256 for keys and secrets of every length', () => {
    for (const secretLength of [1, 32, 63, 64, 65, 200]) {
      const secret = 's'.repeat(secretLength);
      const digest = keyDigest(secret);
      for (const length of [1, 16, 55, 56, 63, 64, 65, 128, maxKeyLength]) {
        const key = 'k'.repeat(length);
        expect(Buffer.from(digest(key), 'latin1').toString('hex')).toBe(
          createHmac('sha256', secret).update(key).digest('hex'),
        );
      }
    }
  });

  it('does not depend on the key hashed before it', () => {
    const digest = keyDigest('0123456789abcdef0123456789abcdef');
    const alone = digest('short-key-of-16ch');
    digest('x'.repeat(maxKeyLength));
    expect(digest('short-key-of-16ch')).toBe(alone);
  });

  it('AU-05 has one length for keys of every length, so that the comparison has nothing to throw about', () => {
    const digest = keyDigest('0123456789abcdef0123456789abcdef');
    const lengths = new Set([1, 15, 16, 17, 64, 511, 512].map((length) => digest('a'.repeat(length)).length));
    expect([...lengths]).toEqual([32]);
  });

  it('is the same for an operator who hashes a key beforehand', () => {
    const secret = 'a secret of at least thirty-two characters';
    expect(hashKey('sk-team-0123456789', secret)).toBe(
      createHmac('sha256', secret).update('sk-team-0123456789').digest('hex'),
    );
  });
});
