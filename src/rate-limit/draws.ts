import type { Call } from '../core/call.ts';
import type { RuleDraw } from './claim.ts';
import type { CounterShape } from './limit-store.ts';
import type { RequestFacts } from './request-facts.ts';
import type { Rule } from './rules.ts';

/** What a call takes: of each rule that applies to it. */
export function drawsFor(rules: readonly Rule[], call: Call, facts: RequestFacts): readonly RuleDraw[] {
  const draws: RuleDraw[] = [];
  for (const rule of rules) {
    const value = rule.valueOf(call, facts.model);
    const draw = value === undefined ? undefined : drawOf(rule, value, facts);
    if (draw !== undefined) draws.push(draw);
  }
  return draws;
}

/** What a call takes of one rule; `undefined` when it uses nothing of what the rule measures. */
export function drawOf(rule: Rule, value: string, { tokens }: RequestFacts): RuleDraw | undefined {
  const amount = rule.measure === 'tokens' ? tokens : 1;
  if (amount === undefined) return undefined;
  const { group, shape, shadow } = rule;
  return { rule, key: `${group}${value}`, group, shape, shadow, amount: Math.min(amount, mostOf(shape)) };
}

/** The same draws of what this process keeps of the limits by itself. */
export function sharesOf(draws: readonly RuleDraw[]): readonly RuleDraw[] {
  return draws.map((draw) => {
    const shape = draw.rule.share;
    return { ...draw, shape, amount: Math.min(draw.amount, mostOf(shape)) };
  });
}

/** The first rule that never has room for the prompt, however long one waits. */
export function neverFits(draws: readonly RuleDraw[], facts: RequestFacts): RuleDraw | undefined {
  return draws.find(
    ({ rule, shape }) =>
      rule.measure === 'tokens' &&
      !rule.shadow &&
      (facts.tokens ?? 0) > mostOf(shape) &&
      facts.surelyAtLeast() > mostOf(shape),
  );
}

/** How much of it there can be at once. */
export function mostOf(shape: CounterShape): number {
  return shape.kind === 'token-bucket' ? Math.floor(shape.capacity / shape.unit) : shape.limit;
}
