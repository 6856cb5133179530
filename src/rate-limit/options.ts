import { z } from 'zod';
import type { Call } from '../core/call.ts';
import { ConfigurationError } from '../core/errors.ts';
import type { GatewayEventListener } from '../core/events.ts';
import type { LimitRule, LimitScope } from '../core/limit-rule.ts';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration } from '../core/units.ts';
import type { LimitStore } from './limit-store.ts';
import { parsePlan, planForm } from './plan.ts';

/** What `rateLimit` takes. */
export interface RateLimitOptions extends RateLimitSettings {
  /**
   * Where limits are counted: `redisLimitStore(...)` shares them over processes.
   * @default the memory of this process
   */
  readonly store?: LimitStore;
  /** Hears of a store that does not answer, and of calls that a limit in shadow would have refused. */
  readonly onEvent?: GatewayEventListener;
}

/** The part of the options a configuration file can hold. */
export interface RateLimitSettings {
  /**
   * The limits that hold for everybody. All that apply to a call have to have room for it; what its key brings along
   * (`limits` of a key) applies as well.
   * @default []
   */
  readonly limits?: readonly LimitOptions[];
  /**
   * What happens while the store does not answer. `local-share`: each process counts by itself, `limit / replicas`.
   * `allow`: nothing is limited. `refuse`: 503 `limits_unavailable`.
   * @default 'local-share'
   */
  readonly whenStoreFails?: 'local-share' | 'allow' | 'refuse';
  /**
   * How many processes share the limits. Each keeps this part of a limit while the store does not answer, and always of
   * limits per provider, which are counted where they are kept.
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Tokens set aside for the answer to a request that names no bound of its own. What is not used comes back when the
   * answer has ended.
   * @default 1000
   */
  readonly outputTokens?: number;
  /**
   * How long a slot of a `concurrent` limit outlives a process that has died. Calls that run longer renew theirs.
   * @default '60s'
   */
  readonly lease?: Duration;
}

/** A limit: as a text, `"100 requests per hour"` (per key, in fixed windows), or as an object with one measure. */
export type LimitOptions = string | (LimitBasics & LimitMeasure);

export interface LimitBasics {
  /**
   * Stands in headers and error messages: letters, digits, dots, dashes and underscores. Two limits never share one.
   * @default what it limits, such as `key-requests-60s`
   */
  readonly name?: string;
  /**
   * Whose calls are counted together. Callers without the thing (no team, say) are one: anonymous. `model` is the name
   * the caller asks for; `ip` is the peer's address, an IPv6 one by its first 64 bits. A function returns what to count
   * by, and `undefined` where the limit does not apply.
   * @default 'key'
   */
  readonly per?: LimitScope | CustomScope;
  /**
   * `shadow` counts and reports, and refuses nobody.
   * @default 'enforce'
   */
  readonly mode?: 'enforce' | 'shadow';
}

/** Must be quick and must not wait. What it returns stands in a store's key: no secret. */
export type CustomScope = (call: Call) => string | undefined;

export type LimitMeasure =
  | ({ readonly requests: number } & LimitWindow)
  /** Tokens of prompts and answers together: estimated before, settled to the real number after. */
  | ({ readonly tokens: number } & LimitWindow)
  /** Calls under way at the same time. */
  | { readonly concurrent: number }
  /** `100 requests per hour`, `20000 tokens per minute`: exact, in fixed windows. */
  | { readonly plan: string };

export interface LimitWindow {
  readonly window: Duration;
  /**
   * `token-bucket` refills continuously. `fixed-window` counts anew in each window, which begins with its first call.
   * @default 'token-bucket'
   */
  readonly algorithm?: LimitRule['algorithm'];
  /**
   * How much may come at once, of a token bucket.
   * @default as much as the window allows
   */
  readonly burst?: number;
}

/** A limit of the configuration. */
export interface ConfiguredLimit {
  readonly rule: Omit<LimitRule, 'per'>;
  readonly per: LimitScope | CustomScope;
}

export interface ResolvedRateLimitOptions {
  readonly limits: readonly ConfiguredLimit[];
  readonly whenStoreFails: NonNullable<RateLimitSettings['whenStoreFails']>;
  readonly replicas: number;
  readonly outputTokens: number;
  readonly leaseMs: number;
}

const scopes = ['key', 'user', 'team', 'project', 'model', 'provider', 'ip', 'global'] as const;
/** So that sums of amounts stay exact. */
const mostAmount = 1e15;
const amount = z
  .int('must be a whole number')
  .min(1, 'must be greater than 0')
  .max(mostAmount, 'must not be greater than 1e15');
const longestWindow = 366 * 86_400_000;

const limit = z.strictObject(
  {
    name: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be at most 64 letters, digits, dots, dashes or underscores')
      .optional(),
    per: z
      .union(
        [z.enum(scopes), z.custom<CustomScope>((value) => typeof value === 'function')],
        `must be one of ${scopes.map((scope) => `"${scope}"`).join(', ')}, or a function`,
      )
      .default('key'),
    mode: z.enum(['enforce', 'shadow'], 'must be "enforce" or "shadow"').default('enforce'),
    requests: amount.optional(),
    tokens: amount.optional(),
    concurrent: amount.optional(),
    plan: z.string().optional(),
    window: duration
      .pipe(z.number().min(1, 'must not be 0').max(longestWindow, 'must not be longer than 366d'))
      .optional(),
    algorithm: z.enum(['token-bucket', 'fixed-window'], 'must be "token-bucket" or "fixed-window"').optional(),
    burst: amount.optional(),
  },
  'must be a text such as "100 requests per hour", or an object such as { per: "key", requests: 60, window: "1m" }',
);

type WrittenLimit = z.output<typeof limit>;

const schema = z.strictObject({
  limits: z
    .array(
      z.preprocess((value) => (typeof value === 'string' ? { plan: value } : value), limit),
      'must be a list of limits',
    )
    .default([]),
  whenStoreFails: z
    .enum(['local-share', 'allow', 'refuse'], 'must be "local-share", "allow" or "refuse"')
    .default('local-share'),
  replicas: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(10_000, 'must be at most 10000')
    .default(1),
  outputTokens: z.int('must be a whole number').min(0, 'must not be negative').max(mostAmount).default(1_000),
  lease: duration.pipe(z.number().min(3_000, 'must be at least 3s')).default(60_000),
});

/** @throws ConfigurationError naming the option and the fix */
export function resolveRateLimitOptions(settings: RateLimitSettings): ResolvedRateLimitOptions {
  const { limits, lease, ...rest } = parseOptions(schema, settings, 'rateLimit()');
  const configured = limits.map(configuredLimit);
  const seen = new Set<string>();
  for (const [index, { rule }] of configured.entries()) {
    if (seen.has(rule.name)) {
      throw new ConfigurationError(
        `rateLimit(): "limits.${index}" has the name "${rule.name}" of another limit; give it a "name" of its own`,
      );
    }
    seen.add(rule.name);
  }
  return { ...rest, limits: configured, leaseMs: lease };
}

function configuredLimit(written: WrittenLimit, index: number): ConfiguredLimit {
  const where = `rateLimit(): "limits.${index}"`;
  const { per, mode } = written;
  const measured = measureOf(written, where);
  const label = typeof per === 'function' ? 'custom' : per;
  const window = measured.windowMs === undefined ? '' : `-${measured.windowMs / 1_000}s`;
  const name = written.name ?? `${label}-${measured.measure}${window}`;
  return { per, rule: { ...measured, name, mode } };
}

type Measured = Omit<LimitRule, 'name' | 'per' | 'mode'>;

function measureOf(written: WrittenLimit, where: string): Measured {
  const { requests, tokens, concurrent, plan } = written;
  const given = Object.entries({ requests, tokens, concurrent, plan }).filter(([, value]) => value !== undefined);
  if (given.length !== 1) {
    throw new ConfigurationError(`${where} needs exactly one of "requests", "tokens", "concurrent" and "plan"`);
  }
  if (plan !== undefined) return plannedMeasure(plan, written, where);
  if (concurrent !== undefined) {
    refuseWindow(written, where, 'counts what runs at the same time');
    return { measure: 'concurrent', amount: concurrent, algorithm: 'token-bucket' };
  }
  return windowedMeasure(written, where);
}

function plannedMeasure(plan: string, written: WrittenLimit, where: string): Measured {
  refuseWindow(written, where, 'has its window in its plan');
  const parsed = parsePlan(plan);
  if (parsed === undefined) throw new ConfigurationError(`${where} must read like ${planForm}`);
  return { ...parsed, algorithm: 'fixed-window' };
}

function refuseWindow({ window, burst, algorithm }: WrittenLimit, where: string, why: string): void {
  if (window === undefined && burst === undefined && algorithm === undefined) return;
  throw new ConfigurationError(`${where} ${why}: remove "window", "burst" and "algorithm"`);
}

function windowedMeasure({ requests, tokens, window, burst, algorithm }: WrittenLimit, where: string): Measured {
  if (window === undefined) throw new ConfigurationError(`${where} needs a "window", such as "1m"`);
  if (algorithm === 'fixed-window' && burst !== undefined) {
    throw new ConfigurationError(`${where} has fixed windows, which know no "burst"; remove it`);
  }
  return {
    measure: requests === undefined ? 'tokens' : 'requests',
    amount: requests ?? tokens ?? 1,
    windowMs: window,
    algorithm: algorithm ?? 'token-bucket',
    ...(burst !== undefined && { burst }),
  };
}
