import { type AuthCapability, type AuthContext, createAuth, type KeyStore } from '../../auth/index.ts';
import type { Environment } from '../../core/environment.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { Runtime } from '../../core/runtime.ts';
import { type AuthOptions, askedOfRequests } from '../../express/auth.ts';
import { memoryKeyStore } from '../../stores/memory/key-store.ts';
import { type RedisConnection, redisKeyStore } from '../../stores/redis/index.ts';
import { sqlKeyStore } from '../../stores/sql/key-store.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { orClose } from '../or-close.ts';
import { openStorage } from '../storage.ts';
import { type ResolvedAdmin, resolveAdmin } from './admin-options.ts';

/** How callers are known besides by the keys of the sections `keys` and `admin`, and how careful it is with them. */
export type GatewayAuthOptions = Omit<AuthOptions, keyof typeof elsewhere>;

/** Options of `auth` that stand in sections of their own. */
const elsewhere = { keys: 'keys', adminKey: 'admin.key', secret: 'admin.keySecret' } as const;

export interface GatewayAuth {
  /** `undefined` where there can be no keys: then nobody is asked for one. */
  readonly auth: AuthCapability | undefined;
  /** Whether there is a key that opens the admin routes. */
  readonly hasAdmin: boolean;
  close(): Promise<void>;
}

export interface AuthSurroundings extends AuthContext {
  readonly environment: Environment;
  readonly runtime: Runtime;
  readonly redis: RedisConnection | undefined;
}

/**
 * Who may call a gateway: the keys of its configuration or of the environment, the admin's, those that are made at run
 * time, and whom its section `auth` knows.
 *
 * @throws ConfigurationError naming the key or variable and the fix
 */
export function gatewayAuth(config: GatewayConfig, context: AuthSurroundings): GatewayAuth {
  const { keys, auth = {}, admin: written, storage } = config;
  const { redis, ...authContext } = context;
  const { environment, runtime } = authContext;
  refuseMisplaced(auth);
  const admin = resolveAdmin(written, environment);
  needSecret(auth, admin);
  const opened =
    auth.keyStore === undefined
      ? openKeyStore(admin, { openDatabase: () => openStorage(storage, environment, runtime), redis })
      : undefined;
  const store = auth.keyStore ?? opened;
  const wanted = keys !== undefined || config.auth !== undefined || (environment.GATEWAY_API_KEYS?.trim() ?? '') !== '';
  const options = {
    ...askedOfRequests(auth),
    ...(keys !== undefined && { keys }),
    ...(admin.key !== undefined && { adminKey: admin.key }),
    ...(admin.keySecret !== undefined && { secret: admin.keySecret }),
    ...(store !== undefined && { keyStore: store }),
  };
  const close = async (): Promise<void> => opened?.close?.();
  return {
    auth: wanted || store !== undefined ? orClose(close, () => createAuth(options, authContext)) : undefined,
    hasAdmin: admin.key !== undefined,
    close,
  };
}

function refuseMisplaced(auth: object): void {
  for (const [option, place] of Object.entries(elsewhere)) {
    if (option in auth)
      throw new ConfigurationError(`auth: "${option}" has a place of its own; write it as "${place}"`);
  }
}

/** What `auth` says of a missing secret names its own option, which here has another place. */
function needSecret({ keyHashes, keyStore }: GatewayAuthOptions, { keySecret }: ResolvedAdmin): void {
  const needing = keyHashes !== undefined ? 'keyHashes' : keyStore?.shared === true ? 'keyStore' : undefined;
  if (needing === undefined || keySecret !== undefined) return;
  throw new ConfigurationError(
    `auth: "${needing}" needs the secret that keys are hashed with. Give "admin.keySecret", or set GATEWAY_KEY_SECRET, to at least 32 random characters`,
  );
}

interface KeyPlaces {
  readonly openDatabase: () => ReturnType<typeof openStorage>;
  readonly redis: RedisConnection | undefined;
}

/**
 * Where keys live that are made at run time: in the database where there is one, else in Redis, else in memory for as long
 * as the process runs; `undefined` where nobody can make any.
 *
 * @throws ConfigurationError when keys would be kept longer than what they are hashed with
 */
function openKeyStore({ key, keySecret }: ResolvedAdmin, { openDatabase, redis }: KeyPlaces): KeyStore | undefined {
  if (key === undefined && keySecret === undefined) return undefined;
  const engine = openDatabase();
  if (engine === undefined && redis === undefined) return key === undefined ? undefined : memoryKeyStore();
  if (keySecret === undefined) {
    throw new ConfigurationError(
      `admin: keys are kept in ${engine === undefined ? 'Redis' : 'the database'} as hashes under a secret. Give "keySecret", or set GATEWAY_KEY_SECRET, to at least 32 random characters`,
    );
  }
  if (engine === undefined) return redis && redisKeyStore(redis);
  const store = sqlKeyStore(engine);
  // The schema stands before the first caller waits for it; a database that is not there yet is asked again.
  Promise.resolve(store.changes()).catch(() => {});
  return store;
}
