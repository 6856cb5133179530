import { z } from 'zod';
import type { AuthKey } from '../../auth/index.ts';
import { ConfigurationError } from '../../core/errors.ts';
import { isJsonObject } from '../../core/json.ts';
import { parseOptions } from '../../core/options.ts';
import { defaultBodyLimit } from '../../core/request-body.ts';
import { type Size, size } from '../../core/units.ts';
import type { FailoverSettings } from '../../failover/index.ts';
import type { PassThroughSettings } from '../../pass-through/index.ts';
import type { ModelsOptions } from '../../providers/model-chains.ts';
import type { ProvidersOptions } from '../../providers/options.ts';
import type { RedisOptions } from '../../stores/redis/index.ts';
import { type TelemetrySettings, telemetrySettingsSchema } from '../../telemetry/index.ts';
import type { MediaOptions } from '../../upstream/fetch-media-options.ts';
import type { GatewayAdmin } from '../admin/admin-options.ts';
import type { GatewayAuthOptions } from '../admin/gateway-auth.ts';
import type { GatewayBudgets } from '../budgets.ts';
import type { GatewayRateLimit } from '../limits.ts';
import type { GatewayStorage } from '../storage.ts';

/** What a gateway is made of: the same in code, in a YAML or JSON file, and (as far as it goes) in the environment. */
export interface GatewayConfig {
  /**
   * The providers by name.
   * @default those the environment names by key or address
   */
  readonly providers?: ProvidersOptions;
  /** Public model names and the targets behind them. */
  readonly models?: ModelsOptions;
  readonly failover?: FailoverSettings;
  /** Whether pictures and documents by URL are fetched for providers that fetch none. @default they are not */
  readonly media?: MediaOptions;
  /**
   * Passes paths on that the gateway does not serve itself (files, audio, batches, realtime, ...); `true` for the usual
   * ones. Needs keys or a section `auth`, or `anonymous: "allow"`.
   * @default false
   */
  readonly passThrough?: boolean | PassThroughSettings;
  /**
   * Keys callers must bring.
   * @default those of `GATEWAY_API_KEYS`; without any, everybody may call
   */
  readonly keys?: readonly AuthKey[];
  /** Tokens, the app's own users and hashes of keys, and how careful `auth` is. With it everybody has to be known. */
  readonly auth?: GatewayAuthOptions;
  /** How much may be used, by whom, in which time; beside what keys bring along. */
  readonly rateLimit?: GatewayRateLimit;
  /**
   * What several processes share their limits through.
   * @default the address in `GATEWAY_REDIS_URL`; without it each process counts by itself
   */
  readonly redis?: RedisOptions;
  /** What may be spent, by whom, in which time. */
  readonly budgets?: GatewayBudgets;
  /**
   * Where usage is kept.
   * @default the address in `GATEWAY_STORAGE_URL`; without it sums in memory, which end with the process
   */
  readonly storage?: GatewayStorage;
  /** Makes keys at run time, over admin routes. With it everybody needs a key. */
  readonly admin?: GatewayAdmin;
  readonly telemetry?: GatewayTelemetry;
  readonly server?: GatewayServer;
}

export type GatewayTelemetry = TelemetrySettings;

export interface GatewayServer {
  /**
   * Largest request body, after decompression.
   * @default '32mb'
   */
  readonly bodyLimit?: Size;
}

/** Sections of the configuration this version does not serve: named, so that nobody believes in a limit that is not kept. */
const notServed: Readonly<Record<string, string>> = {
  cache: 'the cache',
  guardrails: 'guardrails',
  prompts: 'prompt templates',
};

const section = (what: string) => z.looseObject({}, `must be an object: ${what}`);

const schema = z.strictObject({
  // Each of these is checked, key by key, by the part that uses it.
  providers: section('providers by name').optional(),
  models: section('public model names').optional(),
  failover: section('failover settings').optional(),
  media: section('media settings').optional(),
  passThrough: z.union([z.boolean(), z.looseObject({})], 'must be true, false or an object').optional(),
  keys: z.array(z.unknown(), 'must be a list of keys').optional(),
  auth: section('how callers are known').optional(),
  rateLimit: section('rate limits').optional(),
  redis: section('where Redis is').optional(),
  budgets: section('budgets').optional(),
  storage: section('where usage is kept').optional(),
  admin: section('who may make keys at run time').optional(),
  telemetry: telemetrySettingsSchema.prefault({}),
  server: z.strictObject({ bodyLimit: size.default(defaultBodyLimit) }).prefault({}),
});

export interface ResolvedGatewaySettings {
  readonly telemetry: z.output<typeof telemetrySettingsSchema>;
  /** Bytes. */
  readonly bodyLimit: number;
}

/**
 * Checks the shape of a configuration; what stands inside most sections is checked by the parts they configure.
 *
 * @param where how the operator knows it: `createGateway()`, `gateway.yaml`
 * @throws ConfigurationError naming the key and the fix
 */
export function resolveGatewaySettings(config: unknown, where: string): ResolvedGatewaySettings {
  refuseNotServed(config, where);
  const { telemetry, server } = parseOptions(schema, config, where);
  return { telemetry, bodyLimit: server.bodyLimit };
}

function refuseNotServed(config: unknown, where: string): void {
  if (!isJsonObject(config)) return;
  const found = Object.keys(config).find((key) => Object.hasOwn(notServed, key));
  if (found === undefined) return;
  throw new ConfigurationError(
    `${where}: this version does not have ${notServed[found]}; remove the section "${found}"`,
  );
}
