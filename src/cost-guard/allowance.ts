import type { Allowance } from '../core/allowance.ts';
import type { Candidate } from '../core/capability.ts';
import type { NanoUsd } from '../core/cost.ts';
import { targetId, type Verdicts } from './call-bounds.ts';
import { costOf, type TargetBound } from './cost-bound.ts';
import { usedUp } from './refusals.ts';
import { costOfUncounted } from './used-cost.ts';

export interface Purse {
  readonly verdicts: Verdicts;
  /** What is set aside for the call. */
  readonly granted: NanoUsd;
  /** What the attempts that have ended cost. */
  used(): NanoUsd;
}

/** What is set aside for a call as bounds on its answers: what earlier attempts have used is gone. */
export function allowanceOf({ verdicts, granted, used }: Purse): Allowance {
  const boundOf = (target: Candidate): TargetBound | undefined => {
    const verdict = verdicts.get(targetId(target));
    return verdict?.kind === 'priced' ? verdict.bound : undefined;
  };
  const purseFor = ({ most }: TargetBound): NanoUsd => Math.min(most, granted - used());
  return {
    maxOutputTokens(target) {
      const bound = boundOf(target);
      if (bound === undefined || bound.outputTokens === 0) return undefined;
      const tokens = affordableTokens(bound, purseFor(bound));
      if (tokens < bound.fewestOutputTokens) throw usedUp();
      return tokens >= bound.outputTokens && bound.boundByCaller ? undefined : tokens;
    },
    exceededBy(target, outputTokens) {
      const bound = boundOf(target);
      if (bound === undefined || bound.outputRate === 0) return false;
      return bound.prompt + costOf(outputTokens, bound.outputRate) > purseFor(bound);
    },
    costOfUncounted: (attempt) => costOfUncounted(attempt, verdicts),
  };
}

/** For each answer. */
export function affordableTokens({ prompt, outputRate, answers, outputTokens }: TargetBound, money: NanoUsd): number {
  if (outputRate === 0) return outputTokens;
  return Math.min(outputTokens, Math.floor(((money - prompt) * 1_000_000) / (outputRate * answers)));
}
