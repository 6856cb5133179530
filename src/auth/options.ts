import { z } from 'zod';
import type { Call } from '../core/call.ts';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions, withMethods } from '../core/options.ts';
import { type Duration, duration } from '../core/units.ts';
import { readEnvironmentKeys } from './environment-keys.ts';
import type { FailureLimits } from './failure-guard.ts';
import { type JwtOptions, jwtSchema, type ResolvedJwtOptions, resolveJwtOptions } from './jwt-options.ts';
import type { KeyStore } from './key-store.ts';
import { type KeyTerms, name, type ParsedTerms, termsShape } from './key-terms.ts';
import { isPlausibleKey, maxKeyLength } from './plausible-key.ts';

/**
 * What `auth` takes. Callers are known by keys, by tokens (`jwt`), or by the app itself (`user`). Without `keys` and
 * `keyHashes` the environment variable `GATEWAY_API_KEYS` is read.
 */
export interface AuthOptions {
  /** Keys callers may use. They are hashed at construction; the plain text is not kept. */
  readonly keys?: readonly AuthKey[];
  /** Keys known here by their hash only, so that the configuration holds no secret a caller could use. Needs `secret`. */
  readonly keyHashes?: readonly AuthKeyHash[];
  /** One key more, with the id `admin`, which may use the admin routes. */
  readonly adminKey?: string;
  /** Where keys live that are made at run time. One that is shared, or outlives the process, needs `secret`. */
  readonly keyStore?: KeyStore;
  /**
   * What keys are hashed with, at least 32 characters. Needed for `keyHashes` and shared stores; it must stay the same as
   * long as they do.
   * @default random bytes, new in each process
   */
  readonly secret?: string;
  /**
   * How long known keys go on working while the store of keys does not answer; then every key it keeps is answered with
   * 503 until it does.
   * @default '30s'
   */
  readonly grace?: Duration;
  /**
   * How long the store of keys may take to answer.
   * @default '200ms'
   */
  readonly storeTimeout?: Duration;
  /** Tokens of an identity provider, checked against the keys it publishes. */
  readonly jwt?: JwtOptions;
  /** Who calls, where the app knows it already; `undefined` where it does not. Asked before any credential is read. */
  readonly user?: (call: Call) => AppCaller | undefined;
  /**
   * When a peer that sends wrong keys is blocked. Known keys go on working for it. `false` blocks nobody.
   * @default { failures: 100, window: '1m', for: '1m' }
   */
  readonly block?: BlockOptions | false;
  /**
   * Accepts keys shorter than 16 characters, which can be guessed. For local experiments.
   * @default false
   */
  readonly allowShortKeys?: boolean;
}

export interface BlockOptions {
  /** Wrong keys of one address (IPv4) or network (IPv6, /64) within the window. @default 100 */
  readonly failures?: number;
  /** @default '1m' */
  readonly window?: Duration;
  /** How long its unknown keys are answered with 429 unread. @default '1m' */
  readonly for?: Duration;
}

/** A caller the app vouches for. */
export interface AppCaller extends Omit<KeyTerms, 'routes' | 'notBefore' | 'expiresAt'> {
  /**
   * What its calls are counted and logged under, as those of a key are.
   * @default `user:` and the user's name; one of the two must be there
   */
  readonly id?: string;
}

/** A key's terms and its name. */
export interface KeyOwner extends KeyTerms {
  /**
   * Public name of the key: it stands in logs and reports, so it must not be the key.
   * @default `key-1` for the first key, `key-2` for the second, ...
   */
  readonly id?: string;
}

export interface AuthKey extends KeyOwner {
  /** 16 to 512 visible ASCII characters. */
  readonly key: string;
}

export interface AuthKeyHash extends KeyOwner {
  /** HMAC-SHA-256 of the key with `secret`, as 64 hexadecimal digits; see `hashKey`. */
  readonly hash: string;
}

/** A key as the operator gave it, checked, with its place in the configuration for error messages. */
export interface ConfiguredKey {
  /** How the operator finds it: `keys.0`, `GATEWAY_API_KEYS entry 2`. */
  readonly where: string;
  readonly credential: { readonly key: string } | { readonly hash: string };
  readonly id: string;
  readonly terms: ParsedTerms;
}

const minKeyLength = 16;
const variable = 'GATEWAY_API_KEYS';

const owner = { id: name.optional(), ...termsShape };

const schema = z.strictObject({
  keys: z
    .array(z.strictObject({ key: z.string(), ...owner }))
    .min(1, `is empty: add a key, or leave it out to read ${variable}`)
    .optional(),
  keyHashes: z
    .array(
      z.strictObject({
        hash: z.string().regex(/^[0-9a-f]{64}$/i, 'must be the 64 hexadecimal digits of an HMAC-SHA-256'),
        ...owner,
      }),
    )
    .min(1, 'is empty: add a hash, or leave it out')
    .optional(),
  adminKey: z.string().optional(),
  keyStore: withMethods<KeyStore>(['find', 'get', 'list', 'create', 'replace', 'note', 'audit', 'changes']).optional(),
  secret: z.string().min(32, 'must have at least 32 characters').optional(),
  grace: duration.default(30_000),
  storeTimeout: duration.refine((value) => value >= 1, 'must be longer').default(200),
  jwt: jwtSchema.optional(),
  user: z
    .custom<NonNullable<AuthOptions['user']>>((value) => typeof value === 'function', 'must be a function')
    .optional(),
  block: z
    .union(
      [
        z.literal(false),
        z.strictObject({
          failures: z.int('must be a whole number').min(1, 'must be greater than 0').default(100),
          window: duration.default(60_000),
          for: duration.default(60_000),
        }),
      ],
      'must be false, or an object such as { failures: 100, window: "1m", for: "1m" }',
    )
    .prefault({}),
  allowShortKeys: z.boolean().default(false),
});

export interface ResolvedAuthOptions {
  readonly keys: readonly ConfiguredKey[];
  readonly keyStore: KeyStore | undefined;
  readonly secret: string | undefined;
  readonly graceMs: number;
  readonly storeTimeoutMs: number;
  readonly jwt: ResolvedJwtOptions | undefined;
  readonly user: AuthOptions['user'];
  readonly block: FailureLimits | undefined;
}

/** @throws ConfigurationError naming every offending option and the fix; never a key */
export function resolveAuthOptions(options: AuthOptions, environment: Environment): ResolvedAuthOptions {
  const parsed = parseOptions(schema, options, 'auth()');
  const { keyStore, secret, grace, storeTimeout, jwt, user, block } = parsed;
  if (parsed.keyHashes !== undefined && secret === undefined) {
    throw new ConfigurationError('auth(): "keyHashes" needs "secret", the one the hashes were made with');
  }
  if (keyStore?.shared === true && secret === undefined) {
    throw new ConfigurationError(
      'auth(): this "keyStore" needs a "secret" that stays the same: keys are kept as hashes under it',
    );
  }
  const keys = configuredKeys(parsed, environment);
  const shortest = parsed.allowShortKeys ? 1 : minKeyLength;
  for (const key of keys) checkKey(key, shortest);
  checkIds(keys);
  return {
    keys,
    keyStore,
    secret,
    graceMs: grace,
    storeTimeoutMs: storeTimeout,
    jwt: jwt && resolveJwtOptions(jwt),
    user,
    block: block === false ? undefined : { failures: block.failures, windowMs: block.window, blockMs: block.for },
  };
}

function configuredKeys(parsed: z.output<typeof schema>, environment: Environment): readonly ConfiguredKey[] {
  const { keys, keyHashes, adminKey, keyStore, jwt, user } = parsed;
  const others = [adminKey, keyStore, jwt, user].some((given) => given !== undefined);
  const written = [
    ...(keys ?? []).map(({ key, id, ...terms }, index) => ({
      where: `"keys.${index}"`,
      credential: { key },
      id,
      terms,
    })),
    ...(keyHashes ?? []).map(({ hash, id, ...terms }, index) => ({
      where: `"keyHashes.${index}"`,
      credential: { hash: hash.toLowerCase() },
      id,
      terms,
    })),
    ...(keys === undefined && keyHashes === undefined ? keysFromEnvironment(environment) : []),
  ].map((key, index) => ({ ...key, id: key.id ?? `key-${index + 1}` }));
  if (written.length === 0 && !others) {
    throw new ConfigurationError(
      `auth(): there is no key. Give "keys: [{ key: ... }]", or set ${variable}=name:key,...`,
    );
  }
  if (adminKey === undefined) return written;
  return [...written, { where: '"adminKey"', credential: { key: adminKey }, id: 'admin', terms: { admin: true } }];
}

function keysFromEnvironment(environment: Environment) {
  return readEnvironmentKeys(environment[variable] ?? '').map((entry, index) => ({
    where: `${variable} entry ${index + 1}`,
    credential: { key: entry.key },
    id: entry.name,
    terms: {},
  }));
}

function checkKey({ where, credential, id, terms }: ConfiguredKey, shortest: number) {
  if (!('key' in credential)) return;
  const { key } = credential;
  if (key.length < shortest) {
    throw new ConfigurationError(
      `auth(): the key of ${where} has ${key.length} characters; use at least ${shortest}` +
        (shortest === minKeyLength ? ', or set "allowShortKeys" for an experiment' : ''),
    );
  }
  if (!isPlausibleKey(key)) {
    throw new ConfigurationError(
      `auth(): the key of ${where} must be at most ${maxKeyLength} visible ASCII characters without spaces`,
    );
  }
  const { user, team, project, feature, tags } = terms;
  const published = [id, user, team, project, feature, ...(tags ?? [])];
  if (published.some((value) => value?.includes(key))) {
    throw new ConfigurationError(`auth(): ${where} repeats its key in a field that is logged; give it another name`);
  }
}

function checkIds(keys: readonly ConfiguredKey[]): void {
  const seen = new Map<string, string>();
  for (const { where, id } of keys) {
    const earlier = seen.get(id);
    if (earlier !== undefined) {
      throw new ConfigurationError(`auth(): ${earlier} and ${where} have the same id "${id}"; ids must differ`);
    }
    seen.set(id, where);
  }
}
