import type { GatewayEventListener } from '../core/events.ts';
import { createTelemetry, type TelemetryOptions } from '../telemetry/index.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type { TelemetryOptions } from '../telemetry/index.ts';
export { providerEvents } from '../telemetry/index.ts';

/** Also the way to the same log for what happens at the providers: `failover({ onEvent: log.onEvent })`. */
export interface TelemetryMiddleware extends Middleware {
  readonly onEvent: GatewayEventListener;
}

/**
 * Writes one structured line per call when it has ended. Mount it first, so that it sees rejected calls too.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function telemetry(options?: TelemetryOptions): TelemetryMiddleware {
  const capability = createTelemetry(options);
  return Object.assign(mount(capability), { onEvent: capability.onEvent });
}
