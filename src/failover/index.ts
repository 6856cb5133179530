export { createFailover, type FailoverCapability, type FailoverContext } from './failover.ts';
export {
  type FailoverOptions,
  type FailoverSettings,
  failoverSettingsSchema,
  type ResolvedFailoverSettings,
} from './options.ts';
