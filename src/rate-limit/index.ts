export type {
  Awaitable,
  CounterShape,
  CounterState,
  Draw,
  HeldSlot,
  LimitStore,
  LocalLimitStore,
  Settling,
  TakeRequest,
  TakeResult,
} from './limit-store.ts';
export type {
  CustomScope,
  LimitBasics,
  LimitMeasure,
  LimitOptions,
  LimitWindow,
  RateLimitOptions,
  RateLimitSettings,
} from './options.ts';
export { createRateLimit, type RateLimitContext } from './rate-limit.ts';
