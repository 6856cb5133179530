import type { DialectName } from '../core/dialect-name.ts';
import { ConfigurationError, GatewayError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import type { ProviderInstance } from '../providers/provider.ts';

/** Which provider a caller means. */
export interface Choice {
  /** As the caller named it in the path or the header. */
  readonly named: string | undefined;
  /** Whose path it is, the likeliest first. */
  readonly dialects: readonly DialectName[];
}

/**
 * The provider by its name; else the only one there is; else the first whose API the path belongs to.
 *
 * @throws GatewayError `not_found` when there is none, or when it signs its requests
 */
export function chooseInstance(instances: readonly ProviderInstance[], { named, dialects }: Choice): ProviderInstance {
  const chosen = named === undefined ? byPath(instances, dialects) : byName(instances, named);
  if (chosen.authorizer !== undefined) {
    // A signature covers the whole body, which is not there yet when the first byte goes out.
    throw new GatewayError('not_found', {
      message: `The provider "${chosen.name}" wants signed requests, which are not passed on.`,
    });
  }
  return chosen;
}

function byName(instances: readonly ProviderInstance[], name: string): ProviderInstance {
  const found =
    instances.find((instance) => instance.name === name) ??
    instances.find(({ provider }) => provider.name === name || provider.aliases?.includes(name) === true);
  if (found !== undefined) return found;
  const names = instances.map((instance) => instance.name);
  throw new GatewayError('not_found', {
    message: `No provider of this name can be reached here${didYouMean(name, names)}.`,
  });
}

function byPath(instances: readonly ProviderInstance[], dialects: readonly DialectName[]): ProviderInstance {
  const [only] = instances;
  if (only !== undefined && instances.length === 1) return only;
  const ordered = [...instances].sort((a, b) => a.priority - b.priority);
  for (const dialect of dialects) {
    const found = ordered.find(
      ({ provider, authorizer }) => provider.dialect.name === dialect && authorizer === undefined,
    );
    if (found !== undefined) return found;
  }
  throw new GatewayError('not_found', {
    message:
      'No configured provider is known to have this path. Name one: `/providers/{name}/...`, or the header `x-gateway-provider`.',
  });
}

/**
 * The instances that may be reached.
 *
 * @throws ConfigurationError for a name nothing is configured under
 */
export function reachableInstances(
  instances: ReadonlyMap<string, ProviderInstance>,
  only: readonly string[] | undefined,
): readonly ProviderInstance[] {
  if (only === undefined) return [...instances.values()];
  return only.map((name) => {
    const instance = instances.get(name);
    if (instance !== undefined) return instance;
    throw new ConfigurationError(
      `passThrough(): "only" names "${name}", which is not configured${didYouMean(name, [...instances.keys()])}`,
    );
  });
}
