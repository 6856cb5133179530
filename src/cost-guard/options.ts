import { z } from 'zod';
import type { BudgetRule } from '../core/budget-rule.ts';
import { nanoUsd } from '../core/cost.ts';
import type { GatewayEventListener } from '../core/events.ts';
import { parseOptions } from '../core/options.ts';
import { type Duration, duration } from '../core/units.ts';
import { type BudgetOptions, budgetRule, budgetSchema, refuseRepeatedNames } from './budget-options.ts';
import type { BudgetStore } from './budget-store.ts';

/** What `costGuard` takes. */
export interface CostGuardOptions extends BudgetsSettings {
  /**
   * Where spending is counted. Several instances of one service share one store.
   * @default in memory: for one process, gone with it
   */
  readonly store?: BudgetStore;
  /** Hears of thresholds reached, of models without a price, of alerts and bookings that fail. */
  readonly onEvent?: GatewayEventListener;
}

/** How spending is bounded: the `budgets` section of a configuration file. */
export interface BudgetsSettings {
  /**
   * Budgets that hold for everybody. Keys may have further ones of their own.
   * @default none: only `maxCostPerRequest` and the keys' own budgets count
   */
  readonly list?: readonly BudgetOptions[];
  /**
   * Percentages of a budget at which an alert goes out, once in each period. Each budget may have its own. 100 is also
   * reached when a request is refused and 95 percent are spent: what is left then buys nothing.
   * @default [80, 90, 100]
   */
  readonly alerts?: readonly number[];
  /**
   * Where alerts are posted, as JSON. With a secret they are signed as https://www.standardwebhooks.com describes, so that
   * the receiver knows who sent them. Redirects are not followed; what fails is tried again for about an hour.
   * @default nowhere
   */
  readonly webhook?: string | WebhookOptions;
  /**
   * US dollars one request may cost at most. Targets that could cost more are left out; an answer whose caller sent no
   * bound on its length is cut to what this buys. A request asks for less with `options.max_cost_per_request`.
   * @default no bound
   */
  readonly maxCostPerRequest?: number;
  /**
   * Lets models without a known price pass where a budget applies. What they cost counts nowhere, and an event says so.
   * @default false: 400 `model_price_unknown`
   */
  readonly allowUnpriced?: boolean;
  /**
   * The bound on generated tokens that is sent for callers who send none.
   * @default the most the model can generate, where that is known, else 4096
   */
  readonly defaultMaxOutputTokens?: number;
  /**
   * Where a budget does not pay for the whole answer, the answer is bounded to what it buys; with fewer tokens than this
   * the request is refused.
   * @default 64
   */
  readonly leastOutputTokens?: number;
  /**
   * What happens to requests while the store cannot answer: `refuse` answers 503 `budget_unavailable`; `{ localCap }`
   * lets each process spend that many US dollars all the same, which are booked when the store is back.
   * @default 'refuse'
   */
  readonly onStoreFailure?: 'refuse' | { readonly localCap: number };
  /**
   * How long money stays set aside when the process that set it aside is gone. Calls under way renew it.
   * @default '5s'
   */
  readonly lease?: Duration;
}

export interface WebhookOptions {
  /** `https:`, or `http:` inside one's own network. */
  readonly url: string;
  /** At least 24 characters. `whsec_...` is taken as base64, as other services' tools write it. */
  readonly secret?: string;
}

export interface ResolvedCostGuardOptions {
  readonly rules: readonly BudgetRule[];
  readonly webhook: WebhookOptions | undefined;
  /** Nano-USD. */
  readonly maxCostPerRequest: number | undefined;
  readonly allowUnpriced: boolean;
  readonly defaultMaxOutputTokens: number | undefined;
  readonly leastOutputTokens: number;
  /** Nano-USD; `undefined` refuses. */
  readonly localCap: number | undefined;
  readonly leaseMs: number;
}

const dollars = z
  .number('must be a number of US dollars')
  .positive('must be greater than 0')
  .max(9_000_000, 'must be at most 9000000');
const tokens = z.int('must be a whole number of tokens').positive('must be greater than 0');
const thresholds = z
  .array(
    z.number('must be a percentage').positive('must be greater than 0').max(1_000, 'must be at most 1000'),
    'must be a list of percentages',
  )
  .max(20, 'must not have more than 20 entries');
const address = z
  .string('must be a URL')
  .refine(isWebAddress, 'must be an http or https URL without a user name or password');

const schema = z.strictObject({
  list: z.array(budgetSchema(thresholds), 'must be a list of budgets').default([]),
  alerts: thresholds.default([80, 90, 100]),
  webhook: z
    .union(
      [
        address.transform((url) => ({ url })),
        z.strictObject({
          url: address,
          secret: z.string().min(24, 'must have at least 24 characters').exactOptional(),
        }),
      ],
      'must be an http or https URL, or { url, secret } with a secret of at least 24 characters',
    )
    .optional(),
  maxCostPerRequest: dollars.optional(),
  allowUnpriced: z.boolean('must be true or false').default(false),
  defaultMaxOutputTokens: tokens.optional(),
  leastOutputTokens: tokens.default(64),
  onStoreFailure: z
    .union(
      [z.literal('refuse'), z.strictObject({ localCap: dollars })],
      'must be "refuse" or { localCap: 5 } in US dollars',
    )
    .default('refuse'),
  lease: duration.default(5_000).refine((lease) => lease >= 1_000, 'must be at least "1s"'),
});

/** @throws ConfigurationError naming the option and the fix */
export function resolveCostGuardOptions(settings: BudgetsSettings, where: string): ResolvedCostGuardOptions {
  const parsed = parseOptions(schema, settings, where);
  const rules = parsed.list.map((budget) => budgetRule(budget, parsed.alerts));
  refuseRepeatedNames(rules, where);
  const { onStoreFailure, maxCostPerRequest } = parsed;
  return {
    rules,
    webhook: parsed.webhook,
    maxCostPerRequest: maxCostPerRequest === undefined ? undefined : nanoUsd(maxCostPerRequest),
    allowUnpriced: parsed.allowUnpriced,
    defaultMaxOutputTokens: parsed.defaultMaxOutputTokens,
    leastOutputTokens: parsed.leastOutputTokens,
    localCap: onStoreFailure === 'refuse' ? undefined : nanoUsd(onStoreFailure.localCap),
    leaseMs: parsed.lease,
  };
}

function isWebAddress(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === 'https:' || url?.protocol === 'http:') && url.username === '' && url.password === '';
}
