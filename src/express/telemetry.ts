import { createTelemetry, type TelemetryOptions } from '../telemetry/index.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type { TelemetryOptions } from '../telemetry/index.ts';
export { providerEvents } from '../telemetry/index.ts';

/**
 * Writes one structured line per call when it has ended. Mount it first, so that it sees rejected calls too.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function telemetry(options?: TelemetryOptions): Middleware {
  return mount(createTelemetry(options));
}
