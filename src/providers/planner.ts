import type { Environment } from '../core/environment.ts';
import { ConfigurationError, GatewayError } from '../core/errors.ts';
import { readFallbacks } from './fallbacks.ts';
import { type ModelChain, type ModelLink, type ModelsOptions, resolveModelChains } from './model-chains.ts';
import type { ProvidersOptions } from './options.ts';
import type { ProviderInstance } from './provider.ts';
import { createModelResolver, type ResolveModel } from './resolve-model.ts';
import { resolveProviders } from './resolve-providers.ts';
import { withStandIns } from './stand-ins.ts';

export interface PlannerOptions {
  readonly providers: ProvidersOptions | undefined;
  readonly models: ModelsOptions | undefined;
  readonly environment: Environment;
}

/** Knows which targets a model's name stands for. */
export interface Planner {
  readonly instances: ReadonlyMap<string, ProviderInstance>;
  readonly chains: ReadonlyMap<string, ModelChain>;
  /**
   * Links in order of trial, each a set of alternatives, for a model and the fallbacks its caller names.
   *
   * @throws GatewayError `model_not_found` or `invalid_request` for a name nothing is configured for
   */
  plan(model: string, fallback: readonly string[]): readonly ModelLink[];
}

/** Names whose links are remembered. Callers choose the names, so there is a bound. */
const remembered = 1_000;

/** @throws ConfigurationError for providers, models or fallbacks that cannot work */
export function createPlanner({ providers, models, environment }: PlannerOptions): Planner {
  const instances = resolveProviders(providers, environment);
  if (instances.size === 0) {
    throw new ConfigurationError(
      'no provider is configured: set a key such as OPENAI_API_KEY, an address such as OLLAMA_BASE_URL, or the option "providers"',
    );
  }
  const resolve = createModelResolver(instances);
  const chains = resolveModelChains(models, resolve);
  // Stand-ins are for who has configured nothing but keys; who writes a configuration writes its own fallbacks.
  const fallbacks = providers === undefined ? readFallbacks(environment, resolve) : undefined;
  const known = new Map<string, readonly ModelLink[]>();
  return {
    instances,
    chains,
    plan(model, fallback) {
      if (fallback.length > 0) {
        const names = [model, ...fallback];
        return names.flatMap((name, position) =>
          linksOf(name, position === 0 ? 'model' : 'fallback', { chains, resolve }),
        );
      }
      const links = known.get(model) ?? linksAlone(model);
      if (known.size < remembered) known.set(model, links);
      return links;
    },
  };

  function linksAlone(model: string): readonly ModelLink[] {
    const links = linksOf(model, 'model', { chains, resolve });
    if (fallbacks === undefined || chains.has(model)) return links;
    return links.map((link) => ({ ...link, targets: withStandIns(link.targets, fallbacks, instances) }));
  }
}

function linksOf(
  name: string,
  param: string,
  { chains, resolve }: { readonly chains: ReadonlyMap<string, ModelChain>; readonly resolve: ResolveModel },
): readonly ModelLink[] {
  const chain = chains.get(name);
  if (chain !== undefined) return chain.links;
  const resolution = resolve(name);
  if (resolution.kind === 'found') return [{ name, strategy: 'priority', targets: resolution.targets }];
  const { code, message } = resolution.error;
  throw new GatewayError(code, { message, param });
}
