import { z } from 'zod';
import type { GatewayEventListener } from '../core/events.ts';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration } from '../core/units.ts';
import type { ModelsOptions } from '../providers/model-chains.ts';
import type { ProvidersOptions } from '../providers/options.ts';
import type { MediaOptions } from '../upstream/fetch-media-options.ts';

/** What `providerTranslate()` takes. */
export interface ProviderTranslateOptions {
  /**
   * The providers by name; with `forward: 'next'` exactly one, the one behind the app's own proxy.
   * @default those the environment names by key or address
   */
  readonly providers?: ProvidersOptions;
  /** Public model names; of several targets the first is used. */
  readonly models?: ModelsOptions;
  /**
   * Who talks to the provider. `send`: this middleware, once, without retries or fallbacks. `next`: whatever follows,
   * e.g. http-proxy-middleware; it sees the request in the provider's dialect, credential included, and its answer is
   * translated back.
   * @default 'send'
   */
  readonly forward?: 'send' | 'next';
  /**
   * Bounds the time to the first real output.
   * @default '2m'
   */
  readonly deadline?: Duration;
  /**
   * What happens to a parameter the target cannot take: `drop` leaves it out and names it in
   * `x-gateway-dropped-params`, `reject` answers 400.
   * @default 'drop'
   */
  readonly unsupported?: 'drop' | 'reject';
  /** Whether pictures and documents by URL are fetched for providers that fetch none. @default they are not */
  readonly media?: MediaOptions;
  /** Hears of what only the operator can mend. */
  readonly onEvent?: GatewayEventListener;
}

const schema = z.strictObject({
  forward: z.enum(['send', 'next'], 'must be "send" or "next"').default('send'),
  deadline: duration.default(120_000),
  unsupported: z.enum(['drop', 'reject'], 'must be "drop" or "reject"').default('drop'),
});

export type ResolvedTranslateSettings = z.output<typeof schema>;

/** @throws ConfigurationError naming the option and the fix */
export function resolveTranslateSettings(settings: object): ResolvedTranslateSettings {
  return parseOptions(schema, settings, 'providerTranslate()');
}
