import express, { type Router } from 'express';
import type { Capability } from '../core/capability.ts';
import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { GatewayEventListener } from '../core/events.ts';
import { type Runtime, systemRuntime } from '../core/runtime.ts';
import { mountAll } from '../express/mount.ts';
import { createPassThrough, type PassThroughCapability } from '../express/pass-through/create-pass-through.ts';
import { mountPassThrough } from '../express/pass-through.ts';
import { createFailover, type FailoverCapability } from '../failover/index.ts';
import type { ProviderInstance } from '../providers/provider.ts';
import { targetAt } from '../providers/target.ts';
import { createDefaultLogger, createTelemetry, describeThrown, type TelemetryLogger } from '../telemetry/index.ts';
import { createLedger, usageEndpoint } from '../usage/index.ts';
import { adminEndpoint } from './admin/admin-endpoint.ts';
import { gatewayAuth } from './admin/gateway-auth.ts';
import { gatewayBudgets } from './budgets.ts';
import { failoverFromEnvironment, unreadVariables } from './config/environment.ts';
import { loadConfig } from './config/load-config.ts';
import { type GatewayConfig, resolveGatewaySettings } from './config/schema.ts';
import { createDrain } from './drain.ts';
import { healthEndpoint } from './health-endpoint.ts';
import { gatewayLimits, gatewayRedis } from './limits.ts';
import { modelsEndpoint } from './models-endpoint.ts';
import { orClose } from './or-close.ts';
import { adminRoute, callRoutes, healthRoute, modelsRoutes, usageRoute } from './routes.ts';
import { resolveStorage } from './storage.ts';

/** What a gateway takes from its surroundings. */
export interface GatewayContext {
  /** @default process.env */
  readonly environment?: Environment;
  /** Where lines go. @default winston, JSON to standard output */
  readonly logger?: TelemetryLogger;
  /** Hears of the events that are logged, whatever the log's level. */
  readonly onEvent?: GatewayEventListener;
  readonly runtime?: Runtime;
}

/** An Express router with everything on it. */
export interface Gateway extends Router {
  /**
   * Refuses new calls, waits for those under way and closes the connections to all providers.
   *
   * @param grace milliseconds after which what still runs is ended with a typed error
   */
  close(grace?: number): Promise<void>;
}

/**
 * Everything in one router: chat, embeddings and images in every dialect, `GET /models`, `GET /usage`, `GET /health`,
 * behind telemetry and, when there are keys, auth. Mount it where you like: `app.use('/v1', createGateway())`.
 *
 * @param config without it, the file that `GATEWAY_CONFIG` names; without that, the environment alone
 * @throws ConfigurationError naming the key or variable and the fix
 */
export function createGateway(config?: GatewayConfig, context: GatewayContext = {}): Gateway {
  const opened: Closable[] = [];
  return orClose(
    () => Promise.allSettled(opened.map((closable) => closable.close())),
    () => assemble(config, context, opened),
  );
}

interface Closable {
  close(): Promise<void>;
}

/** @param opened gets everything that has to be closed should a later step fail */
function assemble(config: GatewayConfig | undefined, context: GatewayContext, opened: Closable[]): Gateway {
  const environment = context.environment ?? process.env;
  const runtime = context.runtime ?? systemRuntime;
  const { written, where } = configuration(config, environment);
  const settings = resolveGatewaySettings(written, where);
  const logger = context.logger ?? createDefaultLogger();
  const { logLevel } = settings.telemetry;
  const telemetry = createTelemetry({ logger, ...settings.telemetry }, runtime);
  const onEvent = context.onEvent === undefined ? telemetry.onEvent : both(telemetry.onEvent, context.onEvent);
  const failover = createFailover(
    {
      ...failoverFromEnvironment(environment),
      ...written.failover,
      ...(written.providers !== undefined && { providers: written.providers }),
      ...(written.models !== undefined && { models: written.models }),
      ...(written.media !== undefined && { media: written.media }),
      onEvent,
    },
    { runtime, environment },
  );
  opened.push({ close: () => failover.close() });
  const notice = (level: 'error' | 'warn' | 'info', message: string): void => {
    if (isLogged(level, logLevel)) {
      logger.log({ level, message, time: new Date(runtime.wallTime()).toISOString() });
    }
  };
  const redis = gatewayRedis(written.redis, environment, runtime);
  if (redis !== undefined) opened.push(redis);
  const access = gatewayAuth(written, {
    environment,
    redis,
    runtime,
    onFault: (thrown) => notice('error', `Callers cannot be checked: ${describeThrown(thrown)}`),
  });
  opened.push(access);
  const { auth } = access;
  const drain = createDrain(runtime);
  const kept = resolveStorage(written.storage, environment, runtime);
  if (kept.store !== written.storage?.store) opened.push({ close: () => kept.store.close() });
  const rateLimit = gatewayLimits(written.rateLimit, { redis, onEvent, runtime });
  const costGuard = gatewayBudgets(written.budgets, {
    redis,
    storage: written.storage,
    ledger: kept.store,
    targetsOf: (model, fallback) => failover.planner.plan(model, fallback).flatMap((link) => link.targets),
    onEvent,
    environment,
    runtime,
  });
  opened.push({ close: () => costGuard.close() });
  const passing = passThroughOf(written, failover, { runtime, environment, isOpen: auth === undefined });
  if (passing !== undefined) opened.push({ close: async () => passing.close() });
  // Last, since it closes what it is given: a store of the app's own outlives a gateway that cannot be made.
  const ledger = createLedger({ ...kept, onNotice: ({ level, message }) => notice(level, message) }, runtime);
  const warnings = [...unreadVariables(environment, written), ...(auth === undefined ? [openToAll] : [])];
  for (const message of warnings) notice('warn', message);

  const front = [telemetry, drain.capability, ...(auth === undefined ? [] : [auth])];
  const serve = (name: string, capabilities: readonly Capability[]) =>
    mountAll(capabilities, { name, runtime, bodyLimit: settings.bodyLimit });
  const router = express.Router();
  router.all([...callRoutes], serve('calls', [...front, rateLimit, ledger.capability, costGuard, failover]));
  router.get([...modelsRoutes], serve('models', [...front, modelsEndpoint(failover)]));
  router.get(usageRoute, serve('usage', [...front, usageEndpoint(ledger)]));
  if (access.hasAdmin && auth?.keys !== undefined) {
    router.all(adminRoute, serve('admin', [...front, adminEndpoint(auth.keys)]));
  }
  router.get(healthRoute, serve('health', [healthEndpoint({ engine: failover.engine, drain, auth })]));
  if (passing !== undefined) {
    router.use(mountPassThrough(passing, front, { runtime, bodyLimit: settings.bodyLimit }));
  }
  return Object.assign(router, {
    async close(grace = defaultGrace) {
      await drain.begin(grace);
      passing?.close();
      await failover.close();
      await costGuard.close();
      await ledger.close(ledgerPatience);
      await access.close();
      await redis?.close();
    },
  });
}

/** Milliseconds; long enough for most answers, short enough for an orchestrator's patience. */
const defaultGrace = 25_000;
const logLevels = ['error', 'warn', 'info', 'debug'] as const;

function isLogged(level: (typeof logLevels)[number], least: (typeof logLevels)[number] | 'silent'): boolean {
  return least !== 'silent' && logLevels.indexOf(level) <= logLevels.indexOf(least);
}

/** Milliseconds; usage that the database has not taken by then stays in the journal for the next start. */
const ledgerPatience = 500;
const openToAll = 'No API keys are configured: everybody who reaches the gateway may use it.';

/** What the second throws is lost where it was called, and the first has heard by then. */
function both(first: GatewayEventListener, second: GatewayEventListener): GatewayEventListener {
  return (event) => {
    first(event);
    second(event);
  };
}

/** @throws ConfigurationError when it would serve strangers unasked */
function passThroughOf(
  { passThrough = false }: GatewayConfig,
  { planner, engine }: FailoverCapability,
  context: { readonly runtime: Runtime; readonly environment: Environment; readonly isOpen: boolean },
): PassThroughCapability | undefined {
  if (passThrough === false) return undefined;
  const settings = passThrough === true ? {} : passThrough;
  if (context.isOpen && settings.anonymous !== 'allow') {
    throw new ConfigurationError(
      'passThrough: there are no keys, so everybody could use the providers\' accounts. Configure "keys" or "auth", or set passThrough.anonymous to "allow"',
    );
  }
  const keysOf = (instance: ProviderInstance) => engine.link(targetAt(instance, '')).keys;
  return createPassThrough(settings, { ...context, planner, keysOf });
}

function configuration(
  config: GatewayConfig | undefined,
  environment: Environment,
): { readonly written: GatewayConfig; readonly where: string } {
  if (config !== undefined) return { written: config, where: 'createGateway()' };
  const path = environment.GATEWAY_CONFIG?.trim();
  if (path === undefined || path === '') return { written: {}, where: 'createGateway()' };
  return { written: loadConfig(path, environment), where: path };
}
