import { type AuthOptions, createAuth } from '../auth/index.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type { AuthKey, AuthKeyHash, AuthOptions } from '../auth/index.ts';
export { hashKey } from '../auth/index.ts';

/**
 * Lets in callers who bring a known API key and refuses everybody else before the body is read.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function auth(options?: AuthOptions): Middleware {
  return mount(createAuth(options));
}
