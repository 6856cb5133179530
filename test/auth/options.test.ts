import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { createAuth, hashKey } from '../../src/auth/index.ts';
import { type AuthOptions, resolveAuthOptions } from '../../src/auth/options.ts';
import { ConfigurationError } from '../../src/core/errors.ts';

const key = 'sk-gateway-0123456789abcdef';
const other = 'sk-gateway-fedcba9876543210';
const secret = 'a secret of at least thirty-two characters';

function refusal(options: unknown, environment: Record<string, string> = {}): string {
  try {
    createAuth(options as AuthOptions, { environment });
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ConfigurationError);
    return thrown instanceof Error ? thrown.message : '';
  }
  throw new Error('The options were accepted.');
}

describe('options of auth', () => {
  it.each<[string, unknown, RegExp]>([
    ['an empty list of keys', { keys: [] }, /"keys" is empty: add a key/],
    ['no key at all', {}, /there is no key\. Give "keys.*GATEWAY_API_KEYS/],
    ['a short key', { keys: [{ key: 'short' }] }, /key of "keys\.0" has 5 characters; use at least 16.*allowShortKeys/],
    ['an empty key in spite of allowShortKeys', { keys: [{ key: '' }], allowShortKeys: true }, /has 0 characters/],
    ['a key with a space', { keys: [{ key: 'sk-gateway 0123456789' }] }, /visible ASCII/],
    ['a key with a NUL', { keys: [{ key: 'sk-gateway-0123456789\0' }] }, /visible ASCII/],
    ['a key longer than 512 characters', { keys: [{ key: 'k'.repeat(513) }] }, /at most 512/],
    ['the same key twice', { keys: [{ key }, { key }] }, /"keys\.0" and "keys\.1" are the same key; remove one/],
    [
      'the same key once plain and once hashed',
      { keys: [{ key }], keyHashes: [{ hash: hashKey(key, secret) }], secret },
      /"keys\.0" and "keyHashes\.0" are the same key/,
    ],
    [
      'the same id twice',
      {
        keys: [
          { key, id: 'search' },
          { key: other, id: 'search' },
        ],
      },
      /"keys\.0" and "keys\.1" have the same id "search"/,
    ],
    ['an id that is the default of another key', { keys: [{ key, id: 'key-2' }, { key: other }] }, /same id "key-2"/],
    [
      'a key published as its own id',
      { keys: [{ key, id: key }] },
      /"keys\.0" repeats its key in a field that is logged/,
    ],
    ['a key published among the tags', { keys: [{ key, tags: [`tag ${key}`] }] }, /repeats its key/],
    ['hashes without the secret', { keyHashes: [{ hash: hashKey(key, secret) }] }, /"keyHashes" needs "secret"/],
    ['a hash of another kind', { keyHashes: [{ hash: 'abc' }], secret }, /"keyHashes\.0\.hash" must be the 64 hex/],
    ['a short secret', { keys: [{ key }], secret: 'short' }, /"secret" must have at least 32 characters/],
    ['an empty list of models', { keys: [{ key, models: [] }] }, /"keys\.0\.models" is empty/],
    ['a user with a line break', { keys: [{ key, user: 'ana\nbob' }] }, /"keys\.0\.user" must not hold control/],
    ['an option nobody knows', { key: [] }, /unknown option "key" \(did you mean "keys"\?\)/],
    [
      'a member nobody knows, near one that is known',
      { keys: [{ key, expires: '2030-01-01' }] },
      /"keys\.0\.expires" \(did you mean "expiresAt"/,
    ],
  ])('refuse %s', (_, options, message) => {
    expect(refusal(options)).toMatch(message);
  });

  it('never repeat a key in a message', () => {
    for (const options of [
      { keys: [{ key }, { key }] },
      { keys: [{ key: `${key} ` }] },
      { keys: [{ key, id: key }] },
      { keys: [{ key: 'tiny-secret' }] },
    ]) {
      const message = refusal(options);
      expect(message).not.toContain(key);
      expect(message).not.toContain('tiny-secret');
    }
  });

  it('leave the given object as it is', () => {
    const options = Object.freeze({ keys: Object.freeze([Object.freeze({ key, tags: Object.freeze(['a']) })]) });
    expect(() => createAuth(options)).not.toThrow();
  });

  it('accept a short key only when told to', () => {
    expect(() => createAuth({ keys: [{ key: 'demo' }], allowShortKeys: true }, {})).not.toThrow();
  });
});

describe('keys from the environment', () => {
  function fromEnvironment(value: string) {
    return resolveAuthOptions({}, { GATEWAY_API_KEYS: value }).keys;
  }

  it('take `name:key` and bare keys', () => {
    expect(fromEnvironment(` search:${key} ,, ${other},`)).toEqual([
      { where: 'GATEWAY_API_KEYS entry 1', credential: { key }, id: 'search', terms: {} },
      { where: 'GATEWAY_API_KEYS entry 2', credential: { key: other }, id: 'key-2', terms: {} },
    ]);
  });

  it('end the name at the first colon', () => {
    expect(fromEnvironment('ops:part-one:part-two-0')).toMatchObject([
      { credential: { key: 'part-one:part-two-0' }, id: 'ops' },
    ]);
  });

  it('are not read when the options hold keys', () => {
    const resolved = resolveAuthOptions({ keys: [{ key }] }, { GATEWAY_API_KEYS: other });
    expect(resolved.keys.map((configured) => configured.credential)).toEqual([{ key }]);
  });

  it.each<[string, string, RegExp]>([
    ['a name with a space', `two words:${key}`, /entry 1: what stands before the colon must be a name/],
    ['a name without a key', 'search:', /entry 1: there is no key after the colon/],
    ['a short key', `ok:${key},b:short`, /key of GATEWAY_API_KEYS entry 2 has 5 characters/],
    ['a key given twice', `a:${key},b:${key}`, /entry 1 and GATEWAY_API_KEYS entry 2 are the same key/],
    ['nothing but commas', ' , ', /there is no key/],
  ])('refuse %s', (_, value, message) => {
    expect(refusal({}, { GATEWAY_API_KEYS: value })).toMatch(message);
  });
});

describe('the documentation of auth', () => {
  const text = readFileSync(new URL('../../docs/auth.md', import.meta.url), 'utf8');
  /** Names in the first column of the table that begins with this row. */
  const table = (head: string) =>
    [...(text.split(`\n${head}\n`)[1]?.split('\n\n')[0] ?? '').matchAll(/^\| (`[^|]+) \|/gm)].flatMap((row) =>
      [...(row[1] ?? '').matchAll(/`(\w+)`/g)].map((name) => name[1]),
    );
  const known = (message: string) => (/\(known: ([^)]+)\)/.exec(message)?.[1] ?? '').split(', ');

  it('lists every option, and every option of a key', () => {
    expect(table('| option | default | meaning |')).toEqual(known(refusal({ zzzzzzzzzz: 1 })));
    expect(table('| of a key | default | meaning |')).toEqual(known(refusal({ keys: [{ key, zzzzzzzzzz: 1 }] })));
  });
});
