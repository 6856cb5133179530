import type { Caller } from '../core/call.ts';
import { parseOptions } from '../core/options.ts';
import { type KeyTerms, type ParsedTerms, termsSchema } from './key-terms.ts';
import { compileModelPatterns, type ModelRule } from './model-rule.ts';
import { compileRoutes, type RouteRule } from './route-rule.ts';

/** What is known of a key once it has been recognised, ready for use. */
export interface KeyRecord {
  readonly caller: Caller;
  /** Which models it may use; `undefined` for all. */
  readonly mayUse: ModelRule | undefined;
  /** Those among them that are named and not only fit a pattern; `undefined` for none. */
  readonly namedModels: readonly string[] | undefined;
  /** What it may call; `undefined` for everything. */
  readonly mayCall: RouteRule | undefined;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  /** Milliseconds since 1970; the first at which it is wrong. */
  readonly validUntil: number;
  readonly ownProviderKeys: boolean;
}

/** @throws ConfigurationError for terms that cannot be */
export function recordOfTerms(id: string, terms: KeyTerms): KeyRecord {
  return keyRecord(id, parseOptions(termsSchema, terms, `the key "${id}"`));
}

export function keyRecord(id: string, terms: ParsedTerms): KeyRecord {
  const named = terms.models?.filter((model) => !model.includes('*')) ?? [];
  const { models, routes, notBefore, expiresAt, ownProviderKeys = false, ...caller } = terms;
  return {
    caller: Object.freeze({ keyId: id, ...definedOnly(caller) }),
    mayUse: models === undefined ? undefined : compileModelPatterns(models),
    namedModels: named.length === 0 ? undefined : named,
    mayCall: routes === undefined ? undefined : compileRoutes(routes),
    validFrom: notBefore === undefined ? 0 : Date.parse(notBefore),
    validUntil: expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt),
    ownProviderKeys,
  };
}

type Defined<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** Without the members that are `undefined`: an option given as `undefined` was not given. */
export function definedOnly<Value extends object>(value: Value): Partial<Defined<Value>> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Partial<
    Defined<Value>
  >;
}
