import { GatewayError } from '../core/errors.ts';
import { equivalentTargets } from './equivalents.ts';
import { type Fallbacks, readFallbacks } from './fallbacks.ts';
import { type ModelChain, type ModelLink, type ModelsOptions, resolveModelChains } from './model-chains.ts';
import type { ProvidersOptions } from './options.ts';
import type { ProviderInstance, Target } from './provider.ts';
import { createModelResolver, type ResolveModel } from './resolve-model.ts';
import { resolveProviders } from './resolve-providers.ts';
import type { Environment } from './setting.ts';

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

/** @throws ConfigurationError for providers, models or fallbacks that cannot work */
export function createPlanner({ providers, models, environment }: PlannerOptions): Planner {
  const instances = resolveProviders(providers, environment);
  const resolve = createModelResolver(instances);
  const chains = resolveModelChains(models, resolve);
  // Stand-ins are for who has configured nothing but keys; who writes a configuration writes its own fallbacks.
  const fallbacks = providers === undefined ? readFallbacks(environment, resolve) : undefined;
  return {
    instances,
    chains,
    plan(model, fallback) {
      const links = linksOf(model, 'model', { chains, resolve });
      const named = fallback.flatMap((name) => linksOf(name, 'fallback', { chains, resolve }));
      if (named.length > 0) return [...links, ...named];
      return fallbacks === undefined || chains.has(model) ? links : withStandIns(links, fallbacks, instances);
    },
  };
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

function withStandIns(
  links: readonly ModelLink[],
  fallbacks: Fallbacks,
  instances: ReadonlyMap<string, ProviderInstance>,
): readonly ModelLink[] {
  const [first] = links.flatMap((link) => link.targets);
  if (first === undefined) return links;
  const standIns = fallbacks.byTarget.get(first.id) ?? (fallbacks.equivalents ? equivalentTargets(first, instances) : []);
  // Each stand-in is a link of its own: the order of the table is the order of trial.
  return [...links, ...standIns.map((target) => standInLink(target))];
}

function standInLink(target: Target): ModelLink {
  return { name: target.id, strategy: 'priority', targets: [target] };
}
