import { z } from 'zod';
import type { Capability } from '../core/capability.ts';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { GatewayEventListener } from '../core/events.ts';
import { parseOptions, withMethods } from '../core/options.ts';
import type { Runtime } from '../core/runtime.ts';
import { createRateLimit, type LimitStore, type RateLimitSettings } from '../rate-limit/index.ts';
import { memoryLimitStore } from '../stores/memory/limit-store.ts';
import { connectRedis, type RedisConnection, type RedisOptions, redisLimitStore } from '../stores/redis/index.ts';

/** How much may be used, by whom, in which time. */
export interface GatewayRateLimit extends RateLimitSettings {
  /**
   * Where limits are counted: in one of these, or in a store of your own, which stays yours to close.
   * @default 'redis' where Redis is configured, else 'memory'
   */
  readonly store?: 'memory' | 'redis' | LimitStore;
}

const variable = 'GATEWAY_REDIS_URL';

/** What several processes share. Connects where the configuration or the environment names a Redis. */
export function gatewayRedis(
  written: RedisOptions | undefined,
  environment: Environment,
  runtime: Runtime,
): RedisConnection | undefined {
  if (written !== undefined) return connectRedis(written, runtime);
  const url = environment[variable]?.trim() ?? '';
  return url === '' ? undefined : connectRedis({ url }, runtime);
}

export interface GatewayLimitsInit {
  readonly redis: RedisConnection | undefined;
  readonly onEvent: GatewayEventListener;
  readonly runtime: Runtime;
}

const schema = z.strictObject({
  store: z
    .union(
      [z.enum(['memory', 'redis']), withMethods<LimitStore>(['take', 'settle', 'renew'])],
      'must be "memory" or "redis", or have the methods take, settle, renew',
    )
    .optional(),
});

/**
 * The limits of the configuration, and those that keys bring along.
 *
 * @throws ConfigurationError naming the key and the fix
 */
export function gatewayLimits(
  written: GatewayRateLimit | undefined,
  { redis, onEvent, runtime }: GatewayLimitsInit,
): Capability {
  const { store: named, ...settings } = written ?? {};
  parseOptions(schema, { store: named }, 'rateLimit');
  if (named === 'redis' && redis === undefined) {
    throw new ConfigurationError(
      `rateLimit: "store" is "redis", but there is none; add a section "redis", or set ${variable}`,
    );
  }
  const store = typeof named === 'object' ? named : named !== 'memory' && redis && redisLimitStore(redis);
  const options = { ...settings, onEvent, ...(store && { store }) };
  return createRateLimit(options, { local: memoryLimitStore({}, runtime), runtime });
}
