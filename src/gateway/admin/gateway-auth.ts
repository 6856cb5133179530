import { type AuthCapability, type AuthContext, createAuth, type KeyStore } from '../../auth/index.ts';
import type { Environment } from '../../core/environment.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { Runtime } from '../../core/runtime.ts';
import { memoryKeyStore } from '../../stores/memory/key-store.ts';
import { sqlKeyStore } from '../../stores/sql/key-store.ts';
import type { GatewayConfig } from '../config/schema.ts';
import { openStorage } from '../storage.ts';
import { type ResolvedAdmin, resolveAdmin } from './admin-options.ts';

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
}

/**
 * Who may call a gateway: the keys of its configuration or of the environment, the admin's, and those that are made at
 * run time.
 *
 * @throws ConfigurationError naming the key or variable and the fix
 */
export function gatewayAuth({ keys, admin: written, storage }: GatewayConfig, context: AuthSurroundings): GatewayAuth {
  const { environment, runtime } = context;
  const admin = resolveAdmin(written, environment);
  const store = keyStoreFor(admin, () => openStorage(storage, environment, runtime));
  const configured = keys !== undefined || (environment.GATEWAY_API_KEYS?.trim() ?? '') !== '';
  const options = {
    ...(keys !== undefined && { keys }),
    ...(admin.key !== undefined && { adminKey: admin.key }),
    ...(admin.keySecret !== undefined && { secret: admin.keySecret }),
    ...(store !== undefined && { keyStore: store }),
  };
  return {
    auth: configured || store !== undefined ? createAuth(options, context) : undefined,
    hasAdmin: admin.key !== undefined,
    close: async () => store?.close?.(),
  };
}

/**
 * Where keys live that are made at run time: in the database where there is one, else in memory for as long as the
 * process runs; `undefined` where nobody can make any.
 *
 * @throws ConfigurationError when keys would be kept longer than what they are hashed with
 */
function keyStoreFor(
  { key, keySecret }: ResolvedAdmin,
  openDatabase: () => ReturnType<typeof openStorage>,
): KeyStore | undefined {
  if (key === undefined && keySecret === undefined) return undefined;
  const engine = openDatabase();
  if (engine === undefined) return key === undefined ? undefined : memoryKeyStore();
  if (keySecret === undefined) {
    throw new ConfigurationError(
      'admin: keys are kept in the database as hashes under a secret. Give "keySecret", or set GATEWAY_KEY_SECRET, to at least 32 random characters',
    );
  }
  const store = sqlKeyStore(engine);
  // The schema stands before the first caller waits for it; a database that is not there yet is asked again.
  Promise.resolve(store.changes()).catch(() => {});
  return store;
}
