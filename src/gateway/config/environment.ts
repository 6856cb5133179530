import type { Environment } from '../../core/environment.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { FailoverSettings } from '../../failover/index.ts';
import type { GatewayConfig } from './schema.ts';

/** Variables of this package; those ending in `_` are prefixes. */
const served = [
  'GATEWAY_PROVIDERS',
  'GATEWAY_WEIGHTS',
  'GATEWAY_FALLBACKS',
  'GATEWAY_RETRY_MAX',
  'GATEWAY_API_KEYS',
  'GATEWAY_ADMIN_KEY',
  'GATEWAY_KEY_SECRET',
  'GATEWAY_STORAGE_URL',
  'GATEWAY_REDIS_URL',
  'GATEWAY_CONFIG',
  'GATEWAY_PROVIDER_',
] as const;

/** Part of the `failover` section that the environment can set: `GATEWAY_RETRY_MAX`. */
export function failoverFromEnvironment(environment: Environment): FailoverSettings {
  const retries = environment.GATEWAY_RETRY_MAX?.trim();
  if (retries === undefined || retries === '') return {};
  if (!/^\d{1,2}$/.test(retries) || Number(retries) > 10) {
    throw new ConfigurationError('GATEWAY_RETRY_MAX must be a whole number from 0 to 10');
  }
  return { retries: Number(retries) };
}

/**
 * A warning for each `GATEWAY_` variable that is set and not read: a misspelt one, one of another version, or one whose
 * place a section of the configuration has taken.
 */
export function unreadVariables(environment: Environment, config: GatewayConfig): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('GATEWAY_') && (environment[name]?.trim() ?? '') !== '')
    .flatMap((name) => {
      if (!isServed(name)) return `The environment variable ${name} is not read by this version.`;
      const replacement = replacementOf(name, config);
      if (replacement === undefined) return [];
      return `The environment variable ${name} is not read, because the configuration has ${replacement}.`;
    });
}

function isServed(name: string): boolean {
  return served.some((known) => (known.endsWith('_') ? name.startsWith(known) : name === known));
}

/** What stands in a variable's place: with a provider written there, the environment no longer says who serves what. */
function replacementOf(name: string, config: GatewayConfig): string | undefined {
  if (name === 'GATEWAY_API_KEYS' && config.keys === undefined && config.auth?.keyHashes !== undefined) {
    return '"auth.keyHashes"';
  }
  const section = sectionInstead(name);
  return section === undefined || config[section] === undefined ? undefined : `a section "${section}"`;
}

function sectionInstead(name: string): 'providers' | 'keys' | 'storage' | 'redis' | undefined {
  if (name === 'GATEWAY_API_KEYS') return 'keys';
  if (name === 'GATEWAY_STORAGE_URL') return 'storage';
  if (name === 'GATEWAY_REDIS_URL') return 'redis';
  const chooses = ['GATEWAY_PROVIDERS', 'GATEWAY_WEIGHTS', 'GATEWAY_FALLBACKS'].includes(name);
  return chooses || name.startsWith('GATEWAY_PROVIDER_') ? 'providers' : undefined;
}
