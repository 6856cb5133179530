import { ConfigurationError } from '../core/errors.ts';
import { parseBaseUrl } from './base-url.ts';
import type { Connection, ConnectorEntry } from './connector.ts';
import { modelNameProblem } from './model-name.ts';
import type { Provider, ProviderInstance, Timeouts } from './provider.ts';
import { refuseSetting, type Setting } from './setting.ts';
import { checkStaticHeaders } from './static-headers.ts';
import { surfacesOf } from './surface.ts';

/** Everything an instance is made of, each part with the place it was read from. */
export interface InstanceSettings {
  readonly name: string;
  readonly provider: Provider;
  /** How the operator knows the instance: `providers.openai`, `GATEWAY_PROVIDER_LAB`. */
  readonly where: string;
  readonly apiKeys: Setting<readonly string[]> | undefined;
  readonly baseUrl: Setting<string> | undefined;
  readonly models: Setting<readonly string[]> | undefined;
  readonly headers: Setting<Readonly<Record<string, string>>> | undefined;
  readonly timeouts: Timeouts;
  readonly weight: number;
  readonly priority: number;
  /** What a provider's connector reads besides. */
  readonly connecting?: Pick<ConnectorEntry, 'options' | 'environment' | 'machine'>;
}

/** @throws ConfigurationError naming what is missing or wrong, and what to set. */
export function createInstance(settings: InstanceSettings): ProviderInstance {
  const { name, provider, timeouts, weight, priority } = settings;
  const { address, authorizer, ...reached } = connect(settings);
  const apiKeys = authorizer === undefined ? checkApiKeys(settings) : [];
  return {
    name,
    provider,
    ...reached,
    ...address,
    apiKeys,
    ...(authorizer !== undefined && { authorizer }),
    headers: { ...provider.headers, ...checkStaticHeaders(settings.headers, credentialHeader(apiKeys, settings)) },
    timeouts,
    weight,
    priority,
    models: settings.models === undefined ? (reached.models ?? []) : checkModels(settings.models),
  };
}

function connect(settings: InstanceSettings): Connection {
  const { provider, where, apiKeys, baseUrl } = settings;
  if (provider.connector === undefined) {
    return { address: parseBaseUrl(requireBaseUrl(settings), provider), surfaces: surfacesOf(provider) };
  }
  const { options = {}, environment = {}, machine = {} } = settings.connecting ?? {};
  return provider.connector.connect({ where, apiKeys, baseUrl, options, environment, machine });
}

/** The header that no fixed value may stand in. */
function credentialHeader(apiKeys: readonly string[], { provider }: InstanceSettings): string | undefined {
  if (apiKeys.length > 0) return provider.credential?.header;
  return provider.connector === undefined ? undefined : 'authorization';
}

function requireBaseUrl(settings: InstanceSettings): Setting<string> {
  const { provider, where } = settings;
  if (settings.baseUrl !== undefined) return settings.baseUrl;
  if (provider.baseUrl !== undefined) return { value: provider.baseUrl, where };
  throw new ConfigurationError(`${where} has no base URL. ${howToSet(settings, 'baseUrl')}.`);
}

function checkApiKeys(settings: InstanceSettings): readonly string[] {
  const { provider, where, apiKeys } = settings;
  if (apiKeys === undefined) {
    if (provider.credential === undefined || provider.keyOptional === true) return [];
    throw new ConfigurationError(`${where} has no API key. ${howToSet(settings, 'apiKey')}.`);
  }
  for (const key of apiKeys.value) checkApiKey({ value: key, where: apiKeys.where });
  if (new Set(apiKeys.value).size < apiKeys.value.length) throw refuseSetting(apiKeys, 'lists the same key twice');
  return apiKeys.value;
}

/** A key travels in a header, so a line break or a letter outside ASCII in it fails every request. */
function checkApiKey(key: Setting<string>): void {
  if (key.value === '') throw refuseSetting(key, 'is empty');
  if (key.value.startsWith('$')) throw refuseSetting(key, 'is a placeholder that no environment variable filled in');
  if (!/^[\x21-\x7e]+$/.test(key.value)) {
    throw refuseSetting(key, 'has a space, a line break or a letter outside ASCII in it, which no key has');
  }
}

function checkModels(models: Setting<readonly string[]> | undefined): readonly string[] {
  if (models === undefined) return [];
  for (const model of models.value) {
    const problem = modelNameProblem(model);
    if (problem !== undefined) throw refuseSetting(models, `lists a model whose name ${problem}`);
  }
  if (new Set(models.value).size < models.value.length) throw refuseSetting(models, 'lists a model twice');
  return models.value;
}

function howToSet({ name, provider }: InstanceSettings, option: 'apiKey' | 'baseUrl'): string {
  const variable = variableFor(provider, option);
  // Variables belong to the entry that bears the provider's own name: a key must not reach a server of another name.
  if (name !== provider.name || variable === undefined) return `Set its option "${option}"`;
  return `Set ${variable}, or the option "providers.${name}.${option}"`;
}

function variableFor(provider: Provider, option: 'apiKey' | 'baseUrl'): string | undefined {
  return option === 'apiKey' ? provider.environment.apiKey?.[0] : provider.environment.baseUrl;
}
