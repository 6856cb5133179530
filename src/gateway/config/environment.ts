import type { Environment } from '../../core/environment.ts';
import { ConfigurationError } from '../../core/errors.ts';
import type { FailoverSettings } from '../../failover/index.ts';

/** Variables of this package; those ending in `_` are prefixes. */
const served = [
  'GATEWAY_PROVIDERS',
  'GATEWAY_WEIGHTS',
  'GATEWAY_FALLBACKS',
  'GATEWAY_RETRY_MAX',
  'GATEWAY_API_KEYS',
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

/** A warning for each `GATEWAY_` variable nothing here reads: a misspelt one, or one of another version. */
export function unknownVariables(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith('GATEWAY_') && !isServed(name))
    .map((name) => `The environment variable ${name} is not read by this version.`);
}

function isServed(name: string): boolean {
  return served.some((known) => (known.endsWith('_') ? name.startsWith(known) : name === known));
}
