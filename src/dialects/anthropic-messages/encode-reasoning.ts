import type { JsonObject } from '../../core/json.ts';
import type { ReasoningOptions } from '../canonical.ts';
import { forbidsReasoning, wantsReasoning } from '../reasoning-wish.ts';
import type { ModelTraits } from './models.ts';

/** What the plan depends on. */
export interface ThinkingInput {
  readonly reasoning: ReasoningOptions | undefined;
  readonly traits: ModelTraits;
  /** `max_tokens` so far. */
  readonly maxTokens: number;
  /** Whether it has been paid for, and nothing may come on top. */
  readonly paidFor: boolean;
  /** Effort an Anthropic caller asked for without thinking. */
  readonly plainEffort: string | undefined;
  /** Why the API would refuse a thinking budget for this request, if it would. */
  readonly budgetRefused: boolean;
  readonly dropped: Set<string>;
}

/** How a request thinks. */
export interface ThinkingPlan {
  readonly thinking?: JsonObject;
  /** For `output_config.effort`. */
  readonly effort?: string;
  readonly maxTokens: number;
}

const minBudget = 1024;

/** Thinking tokens for each word of effort, on models that want a budget. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', minBudget],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
  ['xhigh', 32_768],
  ['max', 32_768],
]);

/** The largest budget each level of effort stands for, on models that take no budgets. */
const levels: readonly (readonly [largestBudget: number, effort: string])[] = [
  [4096, 'low'],
  [12_288, 'medium'],
  [24_576, 'high'],
  [Number.POSITIVE_INFINITY, 'xhigh'],
];

const ranking: readonly string[] = ['minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

/**
 * Effort becomes a budget or a level, by model. A budget made of effort comes on top of `max_tokens`, because it counts
 * towards it and the caller's bound was meant for an answer; a budget the caller named stays inside where it fits. Where
 * `max_tokens` has been paid for, thinking has half of it.
 *
 * Not expressible, and reported as `reasoning_effort`: thinking on a model that has none, turning it off where it is
 * always on (the lowest effort is sent instead), a budget on a model that takes only effort, a level the model lacks (the
 * next lower one is sent), and thinking for which `max_tokens` is too low.
 */
export function planThinking(input: ThinkingInput): ThinkingPlan {
  const { reasoning, traits, maxTokens, plainEffort, dropped } = input;
  if (forbidsReasoning(reasoning)) return off(input);
  if (plainEffort !== undefined || !wantsReasoning(reasoning)) {
    return { maxTokens, ...supportedEffort(plainEffort, traits, dropped) };
  }
  if (traits.thinking === 'none') {
    dropped.add('reasoning_effort');
    return { maxTokens };
  }
  const wantsBudget = reasoning.budgetTokens !== undefined && reasoning.budgetTokens > 0;
  if (traits.thinking === 'budget' || (wantsBudget && traits.thinking === 'budget-or-adaptive')) {
    return withBudget(input, reasoning);
  }
  return adaptive(input, reasoning);
}

function off({ traits, maxTokens, plainEffort, dropped }: ThinkingInput): ThinkingPlan {
  if (traits.thinkingOff === 'refused') {
    dropped.add('reasoning_effort');
    return { maxTokens, ...supportedEffort('low', traits, dropped) };
  }
  const effort = supportedEffort(plainEffort, traits, dropped);
  return traits.thinking === 'none'
    ? { maxTokens, ...effort }
    : { maxTokens, ...effort, thinking: { type: 'disabled' } };
}

function withBudget(input: ThinkingInput, reasoning: ReasoningOptions): ThinkingPlan {
  const { traits, dropped, paidFor } = input;
  const effort = reasoning.budgetTokens === undefined ? {} : supportedEffort(reasoning.effort, traits, dropped);
  const named = reasoning.budgetTokens ?? 0;
  const wanted = Math.max(minBudget, named > 0 ? named : (budgets.get(reasoning.effort ?? '') ?? 8192));
  const fits = named > 0 && wanted < input.maxTokens;
  const shared = paidFor && !fits;
  const half = Math.floor(input.maxTokens / 2);
  if (input.budgetRefused || (shared && half < minBudget)) {
    dropped.add('reasoning_effort');
    return { maxTokens: input.maxTokens, ...effort };
  }
  const onTop = Math.min(input.maxTokens + wanted, traits.maxOutputTokens);
  const maxTokens = fits || shared ? input.maxTokens : onTop;
  const budget = Math.max(minBudget, Math.min(wanted, shared ? half : maxTokens - 1));
  return { maxTokens, ...effort, thinking: { type: 'enabled', budget_tokens: budget, ...display(reasoning) } };
}

function adaptive({ traits, maxTokens, dropped }: ThinkingInput, reasoning: ReasoningOptions): ThinkingPlan {
  const thinking = { type: 'adaptive', ...display(reasoning) };
  const budget = reasoning.budgetTokens ?? -1;
  if (budget > 0) dropped.add('reasoning_effort');
  const ofBudget = budget > 0 ? levels.find(([largest]) => budget <= largest)?.[1] : undefined;
  return { maxTokens, thinking, ...supportedEffort(reasoning.effort ?? ofBudget, traits, dropped) };
}

function display({ includeText }: ReasoningOptions): JsonObject {
  return includeText === undefined ? {} : { display: includeText ? 'summarized' : 'omitted' };
}

/** The level itself, or the next lower one the model has. `minimal`, a word of OpenAI's, is `low` here. */
function supportedEffort(effort: string | undefined, traits: ModelTraits, dropped: Set<string>): { effort?: string } {
  if (effort === undefined) return {};
  const wanted = effort === 'minimal' ? 'low' : effort;
  if (traits.efforts.includes(wanted)) return { effort: wanted };
  dropped.add('reasoning_effort');
  const rank = ranking.indexOf(wanted);
  const lower = traits.efforts.findLast((level) => ranking.indexOf(level) < rank);
  return lower === undefined ? {} : { effort: lower };
}
