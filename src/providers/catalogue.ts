import { currentModels } from './equivalence-table.ts';
import type { ModelChain } from './model-chains.ts';
import type { ProviderInstance, Target } from './provider.ts';
import { createModelResolver } from './resolve-model.ts';
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

/**
 * The models worth showing to a caller: the public names, then each provider's models, which are those it lists in its
 * configuration, or else those it is known to serve today. Providers serve more than that; every `provider/model`
 * works.
 */
export function listModels(
  instances: ReadonlyMap<string, ProviderInstance>,
  chains: ReadonlyMap<string, ModelChain>,
): readonly ListedModel[] {
  const models = listTargets(instances, chains).filter(({ id }) => !chains.has(id));
  return [...[...chains.values()].map(listChain), ...models];
}

function listChain(chain: ModelChain): ListedModel {
  const providers = chain.links.slice(0, 1).flatMap(({ targets }) => targets.map(({ instance }) => instance.name));
  const targets = chain.links.flatMap((link) => link.targets);
  return { id: chain.name, targets, providers: [...new Set(providers)], names: [], publicNames: [] };
}

function listTargets(
  instances: ReadonlyMap<string, ProviderInstance>,
  chains: ReadonlyMap<string, ModelChain>,
): readonly ListedModel[] {
  const resolve = createModelResolver(instances);
  return [...instances.values()].flatMap((instance) =>
    modelsOf(instance).map((model): ListedModel => {
      const id = `${instance.name}/${model}`;
      const bare = chains.has(model) ? undefined : resolve(model);
      const leadsHere = bare?.kind === 'found' && bare.targets.some((target) => target.id === id);
      const behind = [...chains.values()].filter(({ links }) => links[0]?.targets.some((target) => target.id === id));
      return {
        id,
        targets: [targetAt(instance, model)],
        providers: [instance.name],
        names: leadsHere ? [model] : [],
        publicNames: behind.map(({ name }) => name),
      };
    }),
  );
}

function modelsOf(instance: ProviderInstance): readonly string[] {
  return instance.models.length > 0 ? instance.models : currentModels(instance.provider.name);
}
