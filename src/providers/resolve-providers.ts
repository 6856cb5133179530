import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { didYouMean } from '../core/nearest-name.ts';
import { readHealth } from '../routing/health-settings.ts';
import type { Connector } from './connector.ts';
import { instancesFromEnvironment } from './environment.ts';
import { readOwnFacts } from './facts/own-facts.ts';
import { createInstance } from './instance.ts';
import { type ParsedProviderOptions, type ProvidersOptions, parseProviderOptions } from './options.ts';
import type { Provider, ProviderInstance } from './provider.ts';
import { readApiKeys, readBaseUrl } from './provider-variables.ts';
import { findProvider, providers } from './registry.ts';
import { refuseSetting, type Setting } from './setting.ts';

/** Safe in headers, metrics and `provider/model`. */
const ownName = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/;

/**
 * The configured providers by name, in the order they were written. Without options everything comes from the
 * environment; the map is then empty when no variable names a provider.
 *
 * @throws ConfigurationError naming the option or variable and the fix
 */
export function resolveProviders(
  options: ProvidersOptions | undefined,
  environment: Environment,
): ReadonlyMap<string, ProviderInstance> {
  if (options === undefined) return instancesFromEnvironment(environment);
  const entries = isJsonObject(options) ? Object.entries(options) : [];
  if (entries.length === 0) {
    throw new ConfigurationError(
      'providers: must be an object with at least one provider, such as { openai: {} }. Leave it out to read the environment.',
    );
  }
  const instances = new Map<string, ProviderInstance>();
  for (const [name, value] of entries) {
    const instance = resolveEntry(name, value, environment);
    if (instances.has(instance.name)) {
      throw new ConfigurationError(
        `providers.${name}: "${instance.name}" is configured twice, once by its other name.`,
      );
    }
    instances.set(instance.name, instance);
  }
  return instances;
}

function resolveEntry(name: string, value: unknown, environment: Environment): ProviderInstance {
  const where = `providers.${name}`;
  const known = findProvider(name);
  const own = connectorOf(value, known)?.options ?? {};
  const options = parseProviderOptions(value, { where, own });
  const provider = providerOf(name, options.type, known);
  const ownFacts = readOwnFacts(options, where);
  const instance = createInstance({
    name: known?.name ?? name,
    provider,
    where,
    apiKeys: writtenKeys(options, where) ?? (known && readApiKeys(known, environment)),
    baseUrl: written(options.baseUrl, `${where}.baseUrl`) ?? (known && readBaseUrl(known, environment)),
    models: written(options.models, `${where}.models`),
    headers: written(options.headers, `${where}.headers`),
    timeouts: options.timeouts,
    weight: options.weight,
    priority: options.priority,
    connecting: {
      options: isJsonObject(value) ? Object.fromEntries(Object.keys(own).map((option) => [option, value[option]])) : {},
      environment: known === undefined ? {} : environment,
      machine: environment,
    },
  });
  const health = readHealth(options);
  return {
    ...instance,
    ...(Object.keys(health).length > 0 && { health }),
    ...(ownFacts !== undefined && { own: ownFacts }),
  };
}

/** Which options an entry may have depends on its provider, which its type or its name tells. */
function connectorOf(value: unknown, known: Provider | undefined): Connector | undefined {
  const type = isJsonObject(value) ? value.type : undefined;
  return (typeof type === 'string' ? findProvider(type) : known)?.connector;
}

function providerOf(name: string, type: string | undefined, known: Provider | undefined): Provider {
  const where = `providers.${name}`;
  if (type === undefined) {
    if (known !== undefined) return known;
    throw new ConfigurationError(
      `${where}: "${name}" is not a known provider${didYouMean(name, knownNames())}. ` +
        'For a server of your own, set its "type" to "openai-compatible" and its "baseUrl".',
    );
  }
  const typed = findProvider(type);
  if (typed === undefined) {
    throw new ConfigurationError(
      `${where}.type: "${type}" is not a known provider${didYouMean(type, knownNames())}. Known: ${providers.map((provider) => provider.name).join(', ')}.`,
    );
  }
  if (known !== undefined && known !== typed) {
    throw new ConfigurationError(
      `${where}: "${name}" means ${known.label}, but its type says ${typed.name}. Give the entry another name.`,
    );
  }
  if (known === undefined && !ownName.test(name)) {
    throw new ConfigurationError(
      `${where}: a provider's name has lower-case letters, digits and . _ - in it, begins and ends with a letter or a digit, and has at most 64 of them.`,
    );
  }
  return typed;
}

function* knownNames(): Generator<string> {
  for (const provider of providers) {
    yield provider.name;
    yield* provider.aliases ?? [];
  }
}

function writtenKeys(options: ParsedProviderOptions, where: string): Setting<readonly string[]> | undefined {
  const one = written(options.apiKey, `${where}.apiKey`);
  const several = written(options.apiKeys, `${where}.apiKeys`);
  if (one === undefined) return several;
  if (several !== undefined) throw refuseSetting(several, 'and "apiKey" are both given. Leave one out');
  return { value: [one.value], where: one.where };
}

function written<Value>(value: Value | undefined, where: string): Setting<Value> | undefined {
  return value === undefined ? undefined : { value, where };
}
