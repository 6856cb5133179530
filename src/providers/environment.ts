import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { createInstance, type InstanceSettings } from './instance.ts';
import { openaiCompatible } from './openai-compatible.ts';
import { defaultTimeouts } from './options.ts';
import { type OwnServer, readOwnServers } from './own-servers.ts';
import type { Provider, ProviderInstance } from './provider.ts';
import { readApiKeys, readBaseUrl } from './provider-variables.ts';
import { findProvider, providers } from './registry.ts';
import { readVariable, refuseSetting, type Setting, splitList } from './setting.ts';

/** An instance before its place among the others is known. */
type Found = Omit<InstanceSettings, 'weight' | 'priority'>;

/**
 * The providers that environment variables alone configure:
 *
 * - `<PROVIDER>_API_KEY` (several keys separated by commas) and `<PROVIDER>_BASE_URL` for each known provider; one that
 *   works without a key (Ollama, vLLM) by its base URL;
 * - the cloud providers by their own variables (`AZURE_OPENAI_ENDPOINT`, `AWS_BEARER_TOKEN_BEDROCK`, `VERTEX_PROJECT`);
 * - `GATEWAY_PROVIDER_<NAME>_BASE_URL`, `..._API_KEY` and `..._MODELS` for any OpenAI-compatible server;
 * - `GATEWAY_PROVIDERS=openai,anthropic`: only these, in this order of priority;
 * - `GATEWAY_WEIGHTS=openai:70,anthropic:30`: these share the load by weight, ahead of the rest.
 *
 * @throws ConfigurationError naming the variable that is wrong, or the two that contradict each other
 */
export function instancesFromEnvironment(environment: Environment): ReadonlyMap<string, ProviderInstance> {
  const ownServers = readOwnServers(environment);
  const found = readListed(environment, ownServers) ?? [
    ...providers.flatMap((provider) => findUnlisted(provider, environment)),
    ...[...ownServers.values()].map(ownServer),
  ];
  const weights = readWeights(environment, found);
  const first = found.filter(({ name }) => weights.has(name));
  const rest = found.filter(({ name }) => !weights.has(name));
  const restPriority = first.length === 0 ? 1 : 2;
  return new Map([
    ...first.map((entry) => named(entry, { weight: weights.get(entry.name) ?? 1, priority: 1 })),
    ...rest.map((entry, position) => named(entry, { weight: 1, priority: restPriority + position })),
  ]);
}

function named(
  entry: Found,
  place: Pick<InstanceSettings, 'weight' | 'priority'>,
): readonly [string, ProviderInstance] {
  return [entry.name, createInstance({ ...entry, ...place })];
}

/** What `GATEWAY_PROVIDERS` names, in its order; `undefined` when it is not set. */
function readListed(
  environment: Environment,
  ownServers: ReadonlyMap<string, OwnServer>,
): readonly Found[] | undefined {
  const setting = readVariable(environment, 'GATEWAY_PROVIDERS');
  if (setting === undefined) return undefined;
  const list = splitList(setting);
  const found = list.value.map((name): Found => {
    const server = ownServers.get(name);
    if (server !== undefined) return ownServer(server);
    const provider = findProvider(name);
    if (provider === undefined) throw unknownName(list, name, ownServers.keys());
    return listedProvider(provider, environment, list);
  });
  const names = found.map(({ name }) => name);
  const repeated = names.find((name, position) => names.indexOf(name) !== position);
  if (repeated !== undefined) throw refuseSetting(list, `names "${repeated}" twice`);
  return found;
}

function listedProvider(provider: Provider, environment: Environment, list: Setting<unknown>): Found {
  const found = foundProvider(provider, environment);
  const [variable] = provider.environment.apiKey ?? [];
  // Who has a connector may be let in by other means than a key, and says itself what is missing.
  const needsKey = provider.keyOptional !== true && provider.connector === undefined;
  if (found.apiKeys === undefined && needsKey && variable !== undefined) {
    throw refuseSetting(list, `names "${provider.name}", but ${variable} is not set. Set it, or leave the name out`);
  }
  return found;
}

/** A provider that nobody listed counts when its variables are there. One alone of two that are needed is a mistake. */
function findUnlisted(provider: Provider, environment: Environment): readonly Found[] {
  const found = foundProvider(provider, environment);
  if (provider.connector !== undefined) return provider.connector.isMeant(environment) ? [found] : [];
  if (found.apiKeys === undefined && found.baseUrl === undefined) return [];
  const needed = provider.keyOptional === true ? found.baseUrl : found.apiKeys;
  if (needed !== undefined) return [found];
  const [keyVariable = 'the key'] = provider.environment.apiKey ?? [];
  const { baseUrl: urlVariable } = provider.environment;
  const [present, missing] =
    found.apiKeys === undefined ? [urlVariable, keyVariable] : [found.apiKeys.where, urlVariable];
  throw new ConfigurationError(
    `${present} is set, but ${missing} is not. Set it, unset ${present}, or leave ${provider.name} out with GATEWAY_PROVIDERS.`,
  );
}

function foundProvider(provider: Provider, environment: Environment): Found {
  return {
    name: provider.name,
    provider,
    where: provider.name,
    apiKeys: readApiKeys(provider, environment),
    baseUrl: readBaseUrl(provider, environment),
    models: undefined,
    headers: undefined,
    timeouts: defaultTimeouts,
    connecting: { options: {}, environment, machine: environment },
  };
}

function ownServer(server: OwnServer): Found {
  return { ...server, provider: openaiCompatible, headers: undefined, timeouts: defaultTimeouts };
}

function readWeights(environment: Environment, found: readonly Found[]): ReadonlyMap<string, number> {
  const setting = readVariable(environment, 'GATEWAY_WEIGHTS');
  const weights = new Map<string, number>();
  if (setting === undefined) return weights;
  const names = new Set(found.map(({ name }) => name));
  for (const part of splitList(setting).value) {
    const [, written = '', digits = ''] = /^([^:]+):(\d+(?:\.\d+)?)$/.exec(part) ?? [];
    const name = findProvider(written)?.name ?? written;
    const weight = Number(digits);
    if (written === '') throw refuseSetting(setting, 'is written as "openai:70,anthropic:30"');
    if (!names.has(name)) throw unknownName(setting, written, names);
    if (weights.has(name)) throw refuseSetting(setting, `names "${name}" twice`);
    if (weight <= 0) throw refuseSetting(setting, `gives "${name}" no weight. Leave it out instead`);
    weights.set(name, weight);
  }
  return weights;
}

function unknownName(setting: Setting<unknown>, name: string, names: Iterable<string>): ConfigurationError {
  const known = [...names];
  const candidates = [...known, ...providers.flatMap((provider) => [provider.name, ...(provider.aliases ?? [])])];
  return refuseSetting(setting, `names "${name}", which is not configured${didYouMean(name, candidates)}`);
}
