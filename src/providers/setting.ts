import type { Environment } from '../core/environment.ts';
import { ConfigurationError } from '../core/errors.ts';

/** A value, and how the operator knows the place it came from: `providers.openai.baseUrl`, `OPENAI_BASE_URL`. */
export interface Setting<Value> {
  readonly value: Value;
  readonly where: string;
}

/** The error for a setting. The value is not repeated in it: it may be a secret, or hold one. */
export function refuseSetting(setting: Setting<unknown>, reason: string): ConfigurationError {
  return new ConfigurationError(`${setting.where} ${reason}.`);
}

/** The variable's value; an empty or blank one counts as unset, since that is how many shells and files leave it. */
export function readVariable(environment: Environment, name: string): Setting<string> | undefined {
  const value = environment[name]?.trim();
  return value === undefined || value === '' ? undefined : { value, where: name };
}

/** The first of the variables that is set. */
export function readFirstVariable(environment: Environment, names: readonly string[]): Setting<string> | undefined {
  for (const name of names) {
    const setting = readVariable(environment, name);
    if (setting !== undefined) return setting;
  }
  return undefined;
}

/**
 * The parts of a comma-separated variable.
 * @throws ConfigurationError when a part is empty
 */
export function splitList(setting: Setting<string>): Setting<readonly string[]> {
  const parts = setting.value.split(',').map((part) => part.trim());
  if (parts.includes('')) throw refuseSetting(setting, 'has an empty entry: check its commas');
  return { value: parts, where: setting.where };
}
