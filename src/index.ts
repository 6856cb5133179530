export { Call, type Caller, type RequestHead, type Slot } from './core/call.ts';
export type { Candidate, Capability, Decision, Plan, Skip } from './core/capability.ts';
export { pass, reject } from './core/capability.ts';
export type { ErrorCode, ErrorType } from './core/error-catalogue.ts';
export { ConfigurationError, GatewayError, type GatewayErrorDetails } from './core/errors.ts';
export type { GatewayEvent, GatewayEventListener } from './core/events.ts';
export type { Reply, StreamReply, WholeReply } from './core/reply.ts';
export type { RequestBody } from './core/request-body.ts';
export { type Runtime, systemRuntime } from './core/runtime.ts';
export type { AttemptRecord, AttemptStatus, CallStatus, Outcome, Settlement } from './core/settlement.ts';
export type { Duration, Size } from './core/units.ts';
export type { Usage, UsageSource } from './core/usage.ts';
export {
  type AppCaller,
  type AuthKey,
  type AuthKeyHash,
  type AuthOptions,
  auth,
  hashKey,
  type JwtOptions,
  type KeyStore,
  type KeyTerms,
  type StoredKey,
} from './express/auth.ts';
export {
  type BudgetOptions,
  type BudgetStore,
  type BudgetsSettings,
  type CostGuardMiddleware,
  type CostGuardMiddlewareOptions,
  type CostGuardOptions,
  costGuard,
  type WebhookOptions,
} from './express/cost-guard.ts';
export { callOf } from './express/exchange.ts';
export { type FailoverOptions, type FailoverSettings, failover } from './express/failover.ts';
export { type HardenServerOptions, hardenServer } from './express/harden-server.ts';
export type { HttpRequest, HttpResponse, Middleware } from './express/http-types.ts';
export { type MountOptions, mount } from './express/mount.ts';
export {
  acceptWebSockets,
  defaultPaths,
  type PassThroughMiddleware,
  type PassThroughOptions,
  type PassThroughSettings,
  passThrough,
  type RealtimeSettings,
  type UpgradeHandler,
  upgradeHandler,
} from './express/pass-through.ts';
export { type ProviderTranslateOptions, providerTranslate } from './express/provider-translate.ts';
export {
  type CustomScope,
  type LimitBasics,
  type LimitMeasure,
  type LimitOptions,
  type LimitStore,
  type LimitWindow,
  type RateLimitOptions,
  type RateLimitSettings,
  rateLimit,
} from './express/rate-limit.ts';
export { providerEvents, type TelemetryMiddleware, type TelemetryOptions, telemetry } from './express/telemetry.ts';
export {
  type LedgerNotice,
  type LedgerStore,
  type UsageMiddleware,
  type UsageOptions,
  usage,
} from './express/usage.ts';
export type { GatewayAdmin } from './gateway/admin/admin-options.ts';
export type { GatewayAuthOptions } from './gateway/admin/gateway-auth.ts';
export { loadConfig } from './gateway/config/load-config.ts';
export type { GatewayConfig, GatewayServer, GatewayTelemetry } from './gateway/config/schema.ts';
export { createGateway, type Gateway, type GatewayContext } from './gateway/create-gateway.ts';
export type { GatewayStorage } from './gateway/storage.ts';
export type { AccessToken, AccessTokenSource } from './providers/access-token.ts';
export type { AzureOptions } from './providers/azure-options.ts';
export type { AwsCredentialProvider, BedrockOptions } from './providers/bedrock-options.ts';
export type { ModelOptions, ModelsOptions, ModelTargetOptions } from './providers/model-chains.ts';
export type { ProviderOptions, ProvidersOptions, ProviderTimeouts } from './providers/options.ts';
export type { VertexOptions } from './providers/vertex-options.ts';
export type { FailoverCause } from './routing/fault-policy.ts';
export type { MediaOptions } from './upstream/fetch-media-options.ts';
