import { z } from 'zod';
import type { Attribution } from '../core/call.ts';
import { budgetsSchema, type KeyBudget } from './key-budgets.ts';
import { type KeyLimit, limitsSchema } from './key-limits.ts';
import { isRoute } from './route-rule.ts';

/** Whose a key is and what it may do. */
export interface KeyTerms extends Attribution {
  /**
   * Models the key may use, with `*` for any characters. A pattern with a slash is compared with `provider/model`, one
   * without with the provider's model name. Public model names and aliases are resolved first and play no part.
   * @default every model
   */
  readonly models?: readonly string[];
  /**
   * What the key may call: operations (`chat`, `embeddings`, `images`, `count-tokens`, `models`, `health`), or paths as
   * the caller sends them, beginning with a slash, with `*` for any characters.
   * @default everything
   */
  readonly routes?: readonly string[];
  /** ISO 8601, with its offset, such as `2026-01-31T00:00:00Z`: the key is wrong before it. */
  readonly notBefore?: string;
  /** ISO 8601, with its offset: the key is wrong from then on. */
  readonly expiresAt?: string;
  /** Limits of this key alone, beside those that hold for everybody. Kept by `rateLimit`. */
  readonly limits?: readonly KeyLimit[];
  /** Budgets of this key alone, beside those that hold for everybody. Kept by `costGuard`. */
  readonly budgets?: readonly KeyBudget[];
  /**
   * Whether a request may say on whose behalf it comes: by the header `x-user`, or by `user` or `metadata.user_id` in the
   * body. Otherwise these count for nothing.
   * @default false
   */
  readonly mayNameUser?: boolean;
  /**
   * Whether a request may bring a key of the provider of its own in the header `x-provider-key`, for itself alone.
   * @default false
   */
  readonly ownProviderKeys?: boolean;
  /**
   * Whether the key may use the admin routes and see what everybody has used.
   * @default false
   */
  readonly admin?: boolean;
}

const noControls = /^\P{Cc}+$/u;
const longestText = 256;

/** Whether a text can name somebody: it stands in logs and counts for limits. */
export function isName(value: string): boolean {
  return value.length <= longestText && noControls.test(value);
}

/** A name as the configuration has it. */
export const name = z
  .string('must be a text')
  .min(1, 'must not be empty')
  .max(longestText, `must not be longer than ${longestText} characters`)
  .regex(noControls, 'must not hold control characters');

const date = z.iso.datetime({
  offset: true,
  error: 'must be a date and time with its offset, such as "2026-01-31T00:00:00Z"',
});

/** The members of `KeyTerms`, for schemas of objects that hold them among others. */
export const termsShape = {
  user: name.optional(),
  team: name.optional(),
  project: name.optional(),
  feature: name.optional(),
  tags: z.array(name).max(50, 'must not hold more than 50').optional(),
  models: z
    .array(name)
    .min(1, 'is empty: no model could be used; leave it out to allow every model, or list some')
    .max(1000, 'must not hold more than 1000')
    .optional(),
  routes: z
    .array(name.refine(isRoute, 'must be an operation such as "chat", or a path beginning with "/"'))
    .min(1, 'is empty: nothing could be called; leave it out to allow everything, or list some')
    .max(100, 'must not hold more than 100')
    .optional(),
  notBefore: date.optional(),
  expiresAt: date.optional(),
  limits: limitsSchema.optional(),
  budgets: budgetsSchema.optional(),
  mayNameUser: z.boolean().optional(),
  ownProviderKeys: z.boolean().optional(),
  admin: z.boolean().optional(),
};

/** The names of all members of `KeyTerms`. */
export const termNames = Object.keys(termsShape) as readonly (keyof KeyTerms)[];

export const termsSchema = z.strictObject(termsShape, 'must be an object with the terms of a key');

/** Terms with their limits and budgets as rules. */
export type ParsedTerms = z.output<typeof termsSchema>;
