import { asNumber, asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, ReasoningOptions } from '../canonical.ts';
import { forbidsReasoning, wantsReasoning } from '../reasoning-wish.ts';
import { refusal } from '../refusal.ts';

/** https://docs.cohere.com/docs/reasoning */
export function decodeThinking(value: JsonValue | undefined): ReasoningOptions | undefined {
  if (value == null) return undefined;
  const thinking = asObject(value);
  if (thinking?.type === 'disabled') return { enabled: false };
  if (thinking?.type !== 'enabled') throw refusal('thinking.type', 'must be "enabled" or "disabled"');
  const budgetTokens = asNumber(thinking.token_budget);
  return budgetTokens === undefined ? { enabled: true } : { enabled: true, budgetTokens };
}

/** Tokens of thinking for each word of effort; a word that is not here leaves the length to the model. */
const budgets: ReadonlyMap<string, number> = new Map([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
]);

/**
 * `thinking` of an outgoing request. The models that can think do so unless they are told not to, so effort only bounds
 * it: never by more than half of `max_tokens`, which thinking counts towards. On all other models a wish to think is
 * reported as `reasoning_effort`.
 */
export function encodeThinking(
  { reasoning, maxOutputTokens }: ChatRequest,
  canThink: 'thinks' | 'does not think',
  dropped: Set<string>,
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  if (canThink === 'does not think') {
    if (wantsReasoning(reasoning)) dropped.add('reasoning_effort');
    return undefined;
  }
  if (forbidsReasoning(reasoning)) return { type: 'disabled' };
  const { enabled, effort, budgetTokens } = reasoning;
  if (budgetTokens !== undefined && budgetTokens > 0) return { type: 'enabled', token_budget: budgetTokens };
  if (enabled !== true && effort === undefined) return undefined;
  const budget = budgets.get(effort ?? '');
  if (budget === undefined) return { type: 'enabled' };
  const bound = maxOutputTokens === undefined ? budget : Math.max(1, Math.floor(maxOutputTokens / 2));
  return { type: 'enabled', token_budget: Math.min(budget, bound) };
}
