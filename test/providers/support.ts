import type { Environment } from '../../src/core/environment.ts';
import type { ProvidersOptions } from '../../src/providers/options.ts';
import type { ProviderInstance, Target } from '../../src/providers/provider.ts';
import { resolveProviders } from '../../src/providers/resolve-providers.ts';

/** Instances as an operator's options make them, with nothing in the environment. */
export function instancesOf(options: ProvidersOptions): ReadonlyMap<string, ProviderInstance> {
  return resolveProviders(options, {});
}

export function instancesFrom(environment: Environment): ReadonlyMap<string, ProviderInstance> {
  return resolveProviders(undefined, environment);
}

export function ids(targets: readonly Target[]): readonly string[] {
  return targets.map(({ id }) => id);
}

/** The message of the ConfigurationError an action throws. */
export function refusal(action: () => unknown): string {
  try {
    action();
  } catch (thrown) {
    if (typeof thrown === 'object' && thrown !== null && 'name' in thrown && 'message' in thrown) {
      if (thrown.name === 'ConfigurationError') return String(thrown.message);
    }
    throw thrown;
  }
  throw new Error('Nothing was refused.');
}
