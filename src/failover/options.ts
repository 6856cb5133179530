import { z } from 'zod';
import type { GatewayEventListener } from '../core/events.ts';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration } from '../core/units.ts';
import type { ModelsOptions } from '../providers/model-chains.ts';
import type { ProvidersOptions } from '../providers/options.ts';
import { defaultFailoverCauses, type FailoverCause } from '../routing/fault-policy.ts';
import { type HealthSettings, healthShape } from '../routing/health-settings.ts';
import type { MediaOptions } from '../upstream/fetch-media-options.ts';

/** What `failover()` takes. Without any option everything comes from the environment. */
export interface FailoverOptions extends FailoverSettings {
  /**
   * The providers by name.
   * @default those the environment names by key or address (`OPENAI_API_KEY`, `OLLAMA_BASE_URL`, ...)
   */
  readonly providers?: ProvidersOptions;
  /** Public model names and the targets behind them. A name without an entry is resolved to its provider. */
  readonly models?: ModelsOptions;
  /** Whether pictures and documents by URL are fetched for providers that fetch none. @default they are not */
  readonly media?: MediaOptions;
  /** Hears of ejected and recovered targets, of moves, and of what only the operator can mend. */
  readonly onEvent?: GatewayEventListener;
}

/** How failover behaves: the `failover` section of a configuration file. */
export interface FailoverSettings extends HealthSettings {
  /**
   * Further tries on one target after its first. While another healthy target is left, that one is tried first.
   * @default 2
   */
  readonly retries?: number;
  /**
   * Most attempts of one call over all targets.
   * @default 6
   */
  readonly maxAttempts?: number;
  /**
   * Which failures trigger a retry or the next target. A refused provider key always moves on, the caller's own
   * mistakes never do.
   * @default ['rate_limit', 'timeout', 'server_error', 'connection']
   */
  readonly on?: readonly FailoverCause[];
  /**
   * Bounds the time to the first real output over all attempts, waits and moves. A request may ask for less with the
   * header `x-gateway-deadline-ms` or the body field `options.max_latency_ms`.
   * @default '2m'
   */
  readonly deadline?: Duration;
  /**
   * Retries and moves as a share of requests, so that an outage is not answered with a storm. `unlimited` lifts it.
   * @default 0.2
   */
  readonly retryBudget?: number | 'unlimited';
  /**
   * Whether a generation that may already have run is run again on the same target after its connection was lost.
   * @default false
   */
  readonly retryUnsafe?: boolean;
  /**
   * What happens to a parameter the target cannot take: `drop` leaves it out and names it in
   * `x-gateway-dropped-params`, `reject` answers 400.
   * @default 'drop'
   */
  readonly unsupported?: 'drop' | 'reject';
  /**
   * What happens to a target whose model is known to lack what a request needs (tools, images, room for the prompt, ...):
   * `skip` leaves it out, and answers 400 when no target is left; `ignore` asks it all the same.
   * @default 'skip'
   */
  readonly capabilities?: 'skip' | 'ignore';
}

const cause = z.enum(
  ['rate_limit', 'timeout', 'server_error', 'connection', 'auth', 'context_window', 'content_filter'],
  'must be one of rate_limit, timeout, server_error, connection, auth, context_window, content_filter',
);

const count = (least: number, most: number) =>
  z.int('must be a whole number').min(least, `must be ${least} or more`).max(most, `must be ${most} or less`);

/** The schema of the `failover` section; part of the one configuration schema. */
export const failoverSettingsSchema = z.strictObject({
  retries: count(0, 10).default(2),
  maxAttempts: count(1, 20).default(6),
  on: z.array(cause, 'must be a list of causes').default([...defaultFailoverCauses]),
  ...healthShape,
  deadline: duration.default(120_000),
  retryBudget: z
    .union([z.number().min(0).max(1), z.literal('unlimited')], 'must be a share from 0 to 1, or "unlimited"')
    .default(0.2),
  retryUnsafe: z.boolean('must be true or false').default(false),
  unsupported: z.enum(['drop', 'reject'], 'must be "drop" or "reject"').default('drop'),
  capabilities: z.enum(['skip', 'ignore'], 'must be "skip" or "ignore"').default('skip'),
});

export type ResolvedFailoverSettings = z.output<typeof failoverSettingsSchema>;

/** @throws ConfigurationError naming the option and the fix */
export function resolveFailoverSettings(settings: FailoverSettings): ResolvedFailoverSettings {
  return parseOptions(failoverSettingsSchema, settings, 'failover()');
}
