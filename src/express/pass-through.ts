import type { Capability } from '../core/capability.ts';
import { defaultBodyLimit } from '../core/request-body.ts';
import { systemRuntime } from '../core/runtime.ts';
import type { PassThroughOptions } from '../pass-through/index.ts';
import { exchangeOf } from './exchange.ts';
import type { Middleware } from './http-types.ts';
import { type MountOptions, mountAll } from './mount.ts';
import { createPassThrough, type PassThroughCapability } from './pass-through/create-pass-through.ts';

export {
  defaultPaths,
  type PassThroughOptions,
  type PassThroughSettings,
  type RealtimeSettings,
} from '../pass-through/index.ts';
export { type UpgradeHandler, upgradeHandler } from './pass-through/upgrade-handler.ts';

/** The middleware, and the way to close its connections to providers. */
export interface PassThroughMiddleware extends Middleware {
  close(): void;
}

/**
 * Passes everything that the gateway has no operation of its own for (files, audio, batches, fine-tuning, realtime, ...)
 * to a provider, with the provider's key in place of the caller's. Requests for other paths go on to what follows.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function passThrough(options?: PassThroughOptions): PassThroughMiddleware {
  const capability = createPassThrough(options);
  return Object.assign(mountPassThrough(capability, []), { close: () => capability.close() });
}

/** Wraps the capability, behind others, as one middleware. */
export function mountPassThrough(
  capability: PassThroughCapability,
  front: readonly Capability[],
  options: MountOptions = {},
): Middleware {
  const { runtime = systemRuntime, bodyLimit = defaultBodyLimit } = options;
  const inner = mountAll([...front, capability], { runtime, bodyLimit, name: capability.name });
  const middleware: Middleware = (request, response, next) => {
    if (!capability.matches(request.url ?? '/')) {
      next();
      return;
    }
    capability.bind(exchangeOf(request, response, { runtime, bodyLimit }).call, request);
    inner(request, response, next);
  };
  return Object.defineProperty(middleware, 'name', { value: capability.name });
}
