import type { Environment } from '../core/environment.ts';
import type { Provider } from './provider.ts';
import { readFirstVariable, readVariable, type Setting, splitList } from './setting.ts';

/** The keys a provider's own variable holds, several of them separated by commas. */
export function readApiKeys(provider: Provider, environment: Environment): Setting<readonly string[]> | undefined {
  const setting = readFirstVariable(environment, provider.environment.apiKey ?? []);
  return setting && splitList(setting);
}

export function readBaseUrl(provider: Provider, environment: Environment): Setting<string> | undefined {
  return readVariable(environment, provider.environment.baseUrl);
}
