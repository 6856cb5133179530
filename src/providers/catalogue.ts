import { currentModels } from './equivalence-table.ts';
import type { ModelChain } from './model-chains.ts';
import type { ProviderInstance, Target } from './provider.ts';
import { createModelResolver, type ResolveModel } from './resolve-model.ts';
import { targetAt } from './target.ts';

/** A model a caller may ask for. */
export interface ListedModel {
  /** `provider/model`, or a public name. */
  readonly id: string;
  /** What serves it, in order of trial; for a public name its fallbacks, too. */
  readonly targets: readonly Target[];
  /** Names of the providers that serve it, the first one first. */
  readonly providers: readonly string[];
  /** Other names that lead to the same model: its bare name, unless that means something else here. */
  readonly names: readonly string[];
  /** Public names it stands behind, together with others or alone. */
  readonly publicNames: readonly string[];
}

/** The models worth showing to callers. */
export interface Catalogue {
  /**
   * The public names, then each provider's models, which are those it lists in its configuration, or else those it is
   * known to serve today. Providers serve more than that; every `provider/model` works.
   */
  readonly listed: readonly ListedModel[];
  /** The models behind these names that are not listed: none where a name leads to no configured provider. */
  named(names: readonly string[]): readonly ListedModel[];
}

export function createCatalogue(
  instances: ReadonlyMap<string, ProviderInstance>,
  chains: ReadonlyMap<string, ModelChain>,
): Catalogue {
  const resolve = createModelResolver(instances);
  const describe = (target: Target): ListedModel => describeTarget(target, { chains, resolve });
  const models = [...instances.values()]
    .flatMap((instance) => modelsOf(instance).map((model) => describe(targetAt(instance, model))))
    .filter(({ id }) => !chains.has(id));
  const listed = [...[...chains.values()].map(listChain), ...models];
  const ids = new Set(listed.map(({ id }) => id));
  return {
    listed,
    named(names) {
      const found = names.flatMap((name) => {
        const resolution = resolve(name);
        return resolution.kind === 'found' ? resolution.targets : [];
      });
      const unlisted = new Map(found.filter(({ id }) => !ids.has(id)).map((target) => [target.id, target]));
      return [...unlisted.values()].map(describe);
    },
  };
}

function listChain(chain: ModelChain): ListedModel {
  const providers = chain.links.slice(0, 1).flatMap(({ targets }) => targets.map(({ instance }) => instance.name));
  const targets = chain.links.flatMap((link) => link.targets);
  return { id: chain.name, targets, providers: [...new Set(providers)], names: [], publicNames: [] };
}

interface Surroundings {
  readonly chains: ReadonlyMap<string, ModelChain>;
  readonly resolve: ResolveModel;
}

function describeTarget(target: Target, { chains, resolve }: Surroundings): ListedModel {
  const { id, model, instance } = target;
  const bare = chains.has(model) ? undefined : resolve(model);
  const leadsHere = bare?.kind === 'found' && bare.targets.some((found) => found.id === id);
  const behind = [...chains.values()].filter(({ links }) => links[0]?.targets.some((found) => found.id === id));
  return {
    id,
    targets: [target],
    providers: [instance.name],
    names: leadsHere ? [model] : [],
    publicNames: behind.map(({ name }) => name),
  };
}

function modelsOf(instance: ProviderInstance): readonly string[] {
  return instance.models.length > 0 ? instance.models : currentModels(instance.provider.name);
}
