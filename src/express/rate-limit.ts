import { createRateLimit, type RateLimitOptions } from '../rate-limit/index.ts';
import { memoryLimitStore } from '../stores/memory/limit-store.ts';
import type { Middleware } from './http-types.ts';
import { mount } from './mount.ts';

export type {
  CounterShape,
  CounterState,
  CustomScope,
  Draw,
  HeldSlot,
  LimitBasics,
  LimitMeasure,
  LimitOptions,
  LimitStore,
  LimitWindow,
  RateLimitOptions,
  RateLimitSettings,
  Settling,
  TakeRequest,
  TakeResult,
} from '../rate-limit/index.ts';

/**
 * Refuses calls that its limits, and those of the caller's key, have no room for: 429 with `Retry-After`. Mount it behind
 * `auth`; without that everybody is one anonymous caller.
 *
 * @throws ConfigurationError naming the option and the fix
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  return mount(createRateLimit(options, { local: memoryLimitStore() }));
}
