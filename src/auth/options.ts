import { z } from 'zod';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { readEnvironmentKeys } from './environment-keys.ts';

/** What `auth` takes. Without `keys` and `keyHashes` the environment variable `GATEWAY_API_KEYS` is read. */
export interface AuthOptions {
  /** Keys callers may use. They are hashed at construction; the plain text is not kept. */
  readonly keys?: readonly AuthKey[];
  /** Keys known here by their hash only, so that the configuration holds no secret a caller could use. Needs `secret`. */
  readonly keyHashes?: readonly AuthKeyHash[];
  /**
   * What keys are hashed with, at least 32 characters. Needed for `keyHashes`; it must stay the same as long as they do.
   * @default random bytes, new in each process
   */
  readonly secret?: string;
  /**
   * Accepts keys shorter than 16 characters, which can be guessed. For local experiments.
   * @default false
   */
  readonly allowShortKeys?: boolean;
}

/** Who a key belongs to and what it may do. */
export interface KeyOwner {
  /**
   * Public name of the key: it stands in logs and reports, so it must not be the key.
   * @default `key-1` for the first key, `key-2` for the second, ...
   */
  readonly id?: string;
  readonly user?: string;
  readonly team?: string;
  readonly project?: string;
  readonly feature?: string;
  readonly tags?: readonly string[];
  /**
   * Models the key may use, with `*` for any characters. A pattern with a slash is compared with `provider/model`, one
   * without with the provider's model name. Public model names and aliases are resolved first and play no part.
   * @default every model
   */
  readonly models?: readonly string[];
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
  readonly owner: KeyOwner & { readonly id: string };
}

/** Longest credential that is looked at; whatever is longer is no key of ours. */
export const maxKeyLength = 512;
const minKeyLength = 16;
const variable = 'GATEWAY_API_KEYS';

const text = z
  .string()
  .min(1, 'must not be empty')
  .max(256, 'must not be longer than 256 characters')
  .regex(/^\P{Cc}+$/u, 'must not hold control characters');

const owner = {
  id: text.optional(),
  user: text.optional(),
  team: text.optional(),
  project: text.optional(),
  feature: text.optional(),
  tags: z.array(text).optional(),
  models: z
    .array(text)
    .min(1, 'is empty: no model could be used; leave it out to allow every model, or list some')
    .optional(),
};

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
  secret: z.string().min(32, 'must have at least 32 characters').optional(),
  allowShortKeys: z.boolean().default(false),
});

export interface ResolvedAuthOptions {
  readonly keys: readonly ConfiguredKey[];
  readonly secret: string | undefined;
}

/** @throws ConfigurationError naming every offending option and the fix; never a key */
export function resolveAuthOptions(options: AuthOptions, environment: Environment): ResolvedAuthOptions {
  const parsed = parseOptions(schema, options, 'auth()');
  if (parsed.keyHashes !== undefined && parsed.secret === undefined) {
    throw new ConfigurationError('auth(): "keyHashes" needs "secret", the one the hashes were made with');
  }
  const keys = [
    ...(parsed.keys ?? []).map(({ key, ...rest }, index) => ({
      where: `"keys.${index}"`,
      credential: { key },
      owner: definedOnly(rest),
    })),
    ...(parsed.keyHashes ?? []).map(({ hash, ...rest }, index) => ({
      where: `"keyHashes.${index}"`,
      credential: { hash: hash.toLowerCase() },
      owner: definedOnly(rest),
    })),
    ...(parsed.keys === undefined && parsed.keyHashes === undefined ? keysFromEnvironment(environment) : []),
  ].map((key, index) => ({ ...key, owner: { ...key.owner, id: key.owner.id ?? `key-${index + 1}` } }));
  const shortest = parsed.allowShortKeys ? 1 : minKeyLength;
  for (const key of keys) checkKey(key, shortest);
  checkIds(keys);
  return { keys, secret: parsed.secret };
}

function keysFromEnvironment(environment: Environment) {
  const keys = readEnvironmentKeys(environment[variable] ?? '').map((entry, index) => ({
    where: `${variable} entry ${index + 1}`,
    credential: { key: entry.key },
    owner: entry.name === undefined ? {} : { id: entry.name },
  }));
  if (keys.length === 0) {
    throw new ConfigurationError(
      `auth(): there is no key. Give "keys: [{ key: ... }]", or set ${variable}=name:key,...`,
    );
  }
  return keys;
}

function checkKey(
  { where, credential, owner: { id, user, team, project, feature, tags } }: ConfiguredKey,
  shortest: number,
) {
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
  const published = [id, user, team, project, feature, ...(tags ?? [])];
  if (published.some((value) => value?.includes(key))) {
    throw new ConfigurationError(`auth(): ${where} repeats its key in a field that is logged; give it another name`);
  }
}

function checkIds(keys: readonly ConfiguredKey[]): void {
  const seen = new Map<string, string>();
  for (const {
    where,
    owner: { id },
  } of keys) {
    const earlier = seen.get(id);
    if (earlier !== undefined) {
      throw new ConfigurationError(`auth(): ${earlier} and ${where} have the same id "${id}"; ids must differ`);
    }
    seen.set(id, where);
  }
}

const visibleAscii = /^[\x21-\x7e]+$/;

/** Whether a credential can be one of our keys at all. Everything else is refused before it costs a hash. */
export function isPlausibleKey(key: string): boolean {
  return key.length <= maxKeyLength && visibleAscii.test(key);
}

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** Without the members that are `undefined`: an option given as `undefined` was not given. */
function definedOnly<Value extends object>(value: Value): Partial<Defined<Value>> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<
    Defined<Value>
  >;
}
