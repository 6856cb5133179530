import type { Candidate, Plan, Skip } from '../core/capability.ts';
import type { NanoUsd } from '../core/cost.ts';
import type { GatewayError } from '../core/errors.ts';
import type { TargetBound } from './cost-bound.ts';
import { priceUnknown, tooDear } from './refusals.ts';

/** A target's verdict before anything is reserved. */
export type Verdict =
  | { readonly kind: 'priced'; readonly bound: TargetBound }
  /** No price, and the operator lets it pass. */
  | { readonly kind: 'unpriced' }
  | { readonly kind: 'refused'; readonly reason: string; readonly error: GatewayError };

/** Verdicts by `provider/model`. */
export type Verdicts = ReadonlyMap<string, Verdict>;

export function targetId({ provider, model }: Candidate): string {
  return `${provider}/${model}`;
}

/** What a target without a price means where money is counted. */
export function unpricedVerdict(allowUnpriced: boolean): Verdict {
  return allowUnpriced ? { kind: 'unpriced' } : { kind: 'refused', reason: 'price unknown', error: priceUnknown() };
}

/**
 * A target under the most one request may cost. What the caller has bounded itself is taken at its word; an answer
 * without a bound is cut to what the money buys.
 */
export function underMostCost(bound: TargetBound, most: NanoUsd): Verdict {
  const least = bound.boundByCaller ? bound.most : bound.least;
  if (least > most) return { kind: 'refused', reason: 'maxCostPerRequest', error: tooDear(most) };
  return { kind: 'priced', bound: bound.most > most ? { ...bound, most } : bound };
}

/** What has to be set aside for a call, so that any of its targets can serve it. */
export interface Need {
  /** 0 when no target costs anything. */
  readonly most: NanoUsd;
  /** 0 when some target costs nothing. */
  readonly least: NanoUsd;
}

/** `undefined` when every target is refused. */
export function needOf(verdicts: Verdicts): Need | undefined {
  let need: Need | undefined;
  for (const verdict of verdicts.values()) {
    if (verdict.kind === 'refused') continue;
    const { most, least } = verdict.kind === 'priced' ? verdict.bound : { most: 0, least: 0 };
    need = { most: Math.max(need?.most ?? 0, most), least: Math.min(need?.least ?? least, least) };
  }
  return need;
}

/** The error of a call all of whose targets are refused. */
export function refusalOf(verdicts: Verdicts): GatewayError | undefined {
  for (const verdict of verdicts.values()) if (verdict.kind === 'refused') return verdict.error;
  return undefined;
}

/** What is set aside for a call. */
export interface GrantedPurse {
  readonly granted: NanoUsd;
  /** What the caller reads when no target is left that this pays for. */
  readonly unaffordable: () => GatewayError;
}

/** The targets that what was set aside pays for. */
export function planWithin(candidates: readonly Candidate[], verdicts: Verdicts, purse: GrantedPurse): Plan {
  const skipped: Skip[] = [];
  const kept = candidates.filter((candidate) => {
    const verdict = verdicts.get(targetId(candidate));
    const skip = skipOf(verdict, purse);
    if (skip !== undefined) skipped.push({ candidate, ...skip });
    return skip === undefined;
  });
  return { candidates: kept, skipped };
}

function skipOf(
  verdict: Verdict | undefined,
  { granted, unaffordable }: GrantedPurse,
): Omit<Skip, 'candidate'> | undefined {
  // Nobody has looked at its price: it does not belong to what was asked for.
  if (verdict === undefined) return { reason: 'price unknown', error: priceUnknown() };
  if (verdict.kind === 'refused') return { reason: verdict.reason, error: verdict.error };
  if (verdict.kind === 'priced' && verdict.bound.least > granted) return { reason: 'budget', error: unaffordable() };
  return undefined;
}
