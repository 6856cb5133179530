import { ConfigurationError } from '../core/errors.ts';
import { parseOptions } from '../core/options.ts';
import { type KeyRecord, keyRecord } from './key-record.ts';
import { termsSchema } from './key-terms.ts';
import type { AppCaller } from './options.ts';

/**
 * The record of a caller the app vouches for.
 *
 * @throws ConfigurationError when the app names nobody, or says of it what cannot be
 */
export function appRecord({ id, ...terms }: AppCaller): KeyRecord {
  if (id === undefined && terms.user === undefined) {
    throw new ConfigurationError('auth(): what "user" returned names neither an "id" nor a "user"');
  }
  return keyRecord(id ?? `user:${terms.user}`, parseOptions(termsSchema, terms, 'auth(): what "user" returned'));
}
