import { createFailover, type FailoverOptions } from '../failover/index.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type { FailoverOptions, FailoverSettings } from '../failover/index.ts';

/**
 * Answers chat completions from whichever of its targets can: picks, translates, sends, retries, falls back. Nothing
 * reaches the caller before the first real output; after it, a broken answer ends as broken.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function failover(options?: FailoverOptions): Middleware {
  return mount(createFailover(options));
}
