import type { ReasoningOptions } from './canonical.ts';

/** Whether a request forbids reasoning, in whichever words. */
export function forbidsReasoning(reasoning: ReasoningOptions | undefined): boolean {
  return reasoning?.enabled === false || reasoning?.effort === 'none' || reasoning?.budgetTokens === 0;
}

export function wantsReasoning(reasoning: ReasoningOptions | undefined): reasoning is ReasoningOptions {
  if (reasoning === undefined || forbidsReasoning(reasoning)) return false;
  return reasoning.enabled === true || reasoning.effort !== undefined || reasoning.budgetTokens !== undefined;
}

/** A budget in tokens as effort, for providers that know only these words. Steps as documented for the way back. */
export function effortOfBudget(tokens: number): 'low' | 'medium' | 'high' {
  if (tokens <= 4096) return 'low';
  return tokens <= 16_384 ? 'medium' : 'high';
}

/** The effort a request names, or the one that is nearest to what it does name. */
export function effortOf({ effort, enabled, budgetTokens }: ReasoningOptions): string | undefined {
  if (effort !== undefined) return effort;
  if (enabled === false) return 'none';
  return budgetTokens === undefined ? undefined : effortOfBudget(budgetTokens);
}
