import { ConfigurationError } from '../core/errors.ts';

export interface EnvironmentKey {
  readonly name: string | undefined;
  readonly key: string;
}

const nameForm = /^[\w.-]{1,64}$/;

/**
 * The keys of `GATEWAY_API_KEYS`: entries `name:key` or `key`, separated by commas. The first colon ends the name, so
 * that a key may hold colons when it has a name.
 *
 * @throws ConfigurationError naming the entry, never its key
 */
export function readEnvironmentKeys(value: string): readonly EnvironmentKey[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(readEntry);
}

function readEntry(entry: string, index: number): EnvironmentKey {
  const colon = entry.indexOf(':');
  if (colon === -1) return { name: undefined, key: entry };
  const name = entry.slice(0, colon).trim();
  const key = entry.slice(colon + 1).trim();
  if (!nameForm.test(name)) {
    throw new ConfigurationError(
      `GATEWAY_API_KEYS entry ${index + 1}: what stands before the colon must be a name of at most 64 letters, digits, dots, dashes or underscores`,
    );
  }
  if (key === '') throw new ConfigurationError(`GATEWAY_API_KEYS entry ${index + 1}: there is no key after the colon`);
  return { name, key };
}
