import { GatewayError } from '../core/errors.ts';
import { didYouMean, nearestName } from '../core/nearest-name.ts';
import { currentModels } from './equivalence-table.ts';
import { modelNameProblem } from './model-name.ts';
import type { Provider, ProviderInstance, Target } from './provider.ts';
import { findProvider, providers } from './registry.ts';
import { targetAt } from './target.ts';

/** What a model's name stands for. */
export type ModelResolution =
  /** At least one target; what is tried first stands first. */
  | { readonly kind: 'found'; readonly targets: readonly Target[] }
  | { readonly kind: 'unknown'; readonly error: GatewayError };

export type ResolveModel = (name: string) => ModelResolution;

type Instances = readonly ProviderInstance[];

/**
 * Makes the function that finds the targets of a model's name:
 *
 * 1. a name an instance lists in its `models`: every instance that lists it;
 * 2. `provider/model`, the provider being an instance's name, a provider's name or its alias; the model may have
 *    slashes of its own (`together/meta-llama/Llama-3.3-70B-Instruct-Turbo`);
 * 3. a bare name that belongs to a provider (`gpt-...`, `claude-...`): its instances, except those that list their
 *    models.
 *
 * Anything else is unknown: there is no default model and no guess. A name chooses among the configured instances and
 * nothing more.
 */
export function createModelResolver(instances: ReadonlyMap<string, ProviderInstance>): ResolveModel {
  const ordered = [...instances.values()].sort((a, b) => a.priority - b.priority);
  const listed = Map.groupBy(
    ordered.flatMap((instance) => instance.models.map((model) => ({ model, instance }))),
    ({ model }) => model,
  );
  const scopes = instancesByPrefix(ordered);
  return (name) => {
    const problem = modelNameProblem(name);
    if (problem !== undefined) return unknown('invalid_request', `The model's name ${problem}.`);
    const listing = listed.get(name);
    if (listing !== undefined)
      return found(
        listing.map(({ instance }) => instance),
        name,
      );
    const slash = name.indexOf('/');
    if (slash === -1) return resolveBare(name, ordered);
    const prefix = name.slice(0, slash);
    const scope = scopes.get(prefix);
    if (scope !== undefined) return found(scope, name.slice(slash + 1));
    // Some names have slashes of their own: `arn:aws:bedrock:...:inference-profile/...`.
    if (providersOfModel(name).length > 0) return resolveBare(name, ordered);
    return unknown('model_not_found', unknownPrefix(prefix, name, scopes));
  };
}

/** Providers whose known model names include this one. */
export function providersOfModel(name: string): readonly Provider[] {
  return providers.filter((provider) => provider.models?.some((pattern) => pattern.test(name)));
}

/** An instance's name means it alone; a provider's name or alias that no instance bears means all its instances. */
function instancesByPrefix(ordered: Instances): ReadonlyMap<string, Instances> {
  const scopes = new Map<string, Instances>();
  for (const provider of providers) {
    const own = ordered.filter((instance) => instance.provider.name === provider.name);
    const bearer = own.filter((instance) => instance.name === provider.name);
    if (own.length === 0) continue;
    for (const name of [provider.name, ...(provider.aliases ?? [])]) {
      scopes.set(name, bearer.length > 0 ? bearer : own);
    }
  }
  for (const instance of ordered) scopes.set(instance.name, [instance]);
  return scopes;
}

function resolveBare(name: string, ordered: Instances): ModelResolution {
  const owners = providersOfModel(name);
  const serving = ordered.filter(({ provider }) => owners.includes(provider));
  const open = serving.filter(({ models }) => models.length === 0);
  if (open.length > 0) return found(open, name);
  const [instance] = serving;
  if (instance !== undefined) {
    return unknown(
      'model_not_found',
      `The model "${name}" is not among the models configured for ${instance.name}. It is reached as "${instance.name}/${name}".`,
    );
  }
  const [owner] = owners;
  if (owner !== undefined) return unknown('model_not_found', `"${name}" is a model of ${notConfigured(owner)}`);
  return unknown('model_not_found', unknownBare(name, ordered));
}

function unknownPrefix(prefix: string, name: string, scopes: ReadonlyMap<string, Instances>): string {
  const provider = findProvider(prefix);
  if (provider !== undefined) return `"${name}" names ${notConfigured(provider)}`;
  const meant = nearestName(prefix, scopes.keys());
  if (meant !== undefined) {
    return `No provider is called "${prefix}" (did you mean "${meant}${name.slice(prefix.length)}"?).`;
  }
  return `No provider is called "${prefix}". A model whose own name has a slash needs its provider in front: "provider/${name}".`;
}

function unknownBare(name: string, ordered: Instances): string {
  const names = ordered.flatMap((instance) => [...instance.models, ...currentModels(instance.provider.name)]);
  const meant = didYouMean(name, names);
  return `No configured provider is known to serve "${name}"${meant}. Name the provider too: "provider/${name}".`;
}

function notConfigured(provider: Provider): string {
  const [variable = provider.environment.baseUrl] =
    (provider.keyOptional === true ? undefined : provider.environment.apiKey) ?? [];
  return `${provider.label}, which is not configured here. Set ${variable}, or add "${provider.name}" to the option "providers".`;
}

function found(instances: Instances, model: string): ModelResolution {
  return { kind: 'found', targets: instances.map((instance) => targetAt(instance, model)) };
}

function unknown(code: 'invalid_request' | 'model_not_found', message: string): ModelResolution {
  return { kind: 'unknown', error: new GatewayError(code, { message, param: 'model' }) };
}
