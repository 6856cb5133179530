import { z } from 'zod';
import type { LimitRule } from '../core/limit-rule.ts';
import { type Duration, duration } from '../core/units.ts';

/** A limit of one key: as a text such as `100 requests per hour`, or as an object with one measure. */
export type KeyLimit =
  | `${number} ${'requests' | 'tokens'} per ${'second' | 'minute' | 'hour' | 'day'}`
  | KeyLimitOptions;

export type KeyLimitOptions = {
  /**
   * Whose calls with the key are counted together.
   * @default 'key'
   */
  readonly per?: 'key' | 'user' | 'model';
} & (
  | ({ readonly requests: number } & WindowOptions)
  | ({ readonly tokens: number } & WindowOptions)
  /** Calls under way at the same time. */
  | { readonly concurrent: number }
);

interface WindowOptions {
  readonly window: Duration;
  /**
   * How many may come at once.
   * @default as many as the window allows
   */
  readonly burst?: number;
  /**
   * `token-bucket` refills continuously; `fixed-window` counts anew in each window.
   * @default 'token-bucket', of a text 'fixed-window'
   */
  readonly algorithm?: 'token-bucket' | 'fixed-window';
}

const units = { second: '1s', minute: '1m', hour: '1h', day: '1d' } as const;
const plan = /^(\d{1,15}) (requests|tokens) per (second|minute|hour|day)$/;

/** A plan as the object it is short for; other values as they are. */
function asOptions(value: unknown): unknown {
  const [, count, measure, unit] = typeof value === 'string' ? (plan.exec(value.trim()) ?? []) : [];
  if (count === undefined || measure === undefined || unit === undefined) return value;
  const window = Object.entries(units).find(([known]) => known === unit)?.[1];
  return { [measure]: Number(count), window, algorithm: 'fixed-window' };
}

const amount = z.int('must be a whole number').min(1, 'must be greater than 0');
const written = z.strictObject(
  {
    per: z.enum(['key', 'user', 'model'], 'must be "key", "user" or "model"').default('key'),
    requests: amount.optional(),
    tokens: amount.optional(),
    concurrent: amount.optional(),
    window: duration.refine((value) => value >= 1, 'must be longer').optional(),
    burst: amount.optional(),
    algorithm: z.enum(['token-bucket', 'fixed-window'], 'must be "token-bucket" or "fixed-window"').optional(),
  },
  'must be a text such as "100 requests per hour", or an object such as { requests: 60, window: "1m" }',
);

type Written = z.output<typeof written>;

const limit = z.preprocess(
  asOptions,
  written.transform((value, context): LimitRule => {
    const rule = ruleOf(value);
    if (typeof rule !== 'string') return rule;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  }),
);

/** The rule, or what is wrong. */
function ruleOf({ per, window, burst, algorithm = 'token-bucket', ...given }: Written): LimitRule | string {
  const measures = (['requests', 'tokens', 'concurrent'] as const).flatMap((measure) => {
    const counted = given[measure];
    return counted === undefined ? [] : [{ measure, amount: counted }];
  });
  const [only] = measures;
  if (only === undefined || measures.length > 1) return 'needs one of "requests", "tokens" and "concurrent"';
  const rule = { per, ...only, mode: 'enforce' } as const;
  if (only.measure === 'concurrent') {
    if (window !== undefined || burst !== undefined)
      return 'has no "window" and no "burst": it counts at the same time';
    return { ...rule, name: `own-${per}-concurrent`, algorithm };
  }
  if (window === undefined) return 'needs a "window" such as "1m"';
  if (burst !== undefined && algorithm === 'fixed-window') return 'has a "burst", which only a token bucket has';
  const name = `own-${per}-${only.measure}-${window}ms`;
  return { ...rule, name, algorithm, windowMs: window, ...(burst !== undefined && { burst }) };
}

/** The limits of a key, as rules. */
export const limitsSchema = z
  .array(limit, 'must be a list of limits')
  .max(20, 'must not hold more than 20')
  .superRefine((rules, context) => refuseTwins(rules, context));

/** Two rules of one name would share their counters. */
export function refuseTwins(rules: readonly { readonly name: string }[], context: z.RefinementCtx): void {
  const names = rules.map(({ name }) => name);
  const twin = names.find((name, index) => names.indexOf(name) !== index);
  if (twin !== undefined) context.addIssue({ code: 'custom', message: `holds two of the same kind ("${twin}")` });
}
