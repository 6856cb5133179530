import { createRequire } from 'node:module';
import { ConfigurationError } from '../core/errors.ts';

/** What an optional package is needed for. */
export interface OptionalPackage {
  readonly name: string;
  /** The end of "..., which needs the package". */
  readonly purpose: string;
  /** What can be done instead of installing it. */
  readonly instead: string;
}

/**
 * Finds out at the start, without loading it, that a package is missing which would be loaded with the first request.
 *
 * @throws ConfigurationError naming the package
 */
export function requirePackage(where: string, { name, purpose, instead }: OptionalPackage): void {
  try {
    createRequire(import.meta.url).resolve(name);
  } catch {
    throw new ConfigurationError(
      `${where} ${purpose}, which needs the package "${name}". Install it (npm install ${name}), or ${instead}.`,
    );
  }
}
