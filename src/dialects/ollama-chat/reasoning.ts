import type { JsonValue } from '../../core/json.ts';
import type { ReasoningOptions } from '../canonical.ts';
import { effortOfBudget, forbidsReasoning } from '../reasoning-wish.ts';
import { refusal } from '../refusal.ts';

/*
 * `think`: true, false, or a level, of which only some models know any. https://docs.ollama.com/capabilities/thinking
 */

/** @throws GatewayError `invalid_request` */
export function decodeThink(think: JsonValue | undefined): ReasoningOptions | undefined {
  if (think == null || think === '') return undefined;
  if (typeof think === 'boolean') return { enabled: think };
  if (typeof think === 'string') return { effort: think };
  throw refusal('think', 'must be true, false or a level');
}

const levels: ReadonlySet<string> = new Set(['low', 'medium', 'high', 'max']);

/** Budgets and levels of other providers become the nearest level, and are reported as `reasoning_effort`. */
export function encodeThink(options: ReasoningOptions | undefined, dropped: Set<string>): boolean | string | undefined {
  if (options === undefined) return undefined;
  if (forbidsReasoning(options)) return false;
  const { enabled, effort, budgetTokens } = options;
  if (effort !== undefined) return encodeEffort(effort, dropped);
  if (budgetTokens === undefined) return enabled;
  dropped.add('reasoning_effort');
  return effortOfBudget(budgetTokens);
}

function encodeEffort(effort: string, dropped: Set<string>): boolean | string {
  if (levels.has(effort)) return effort;
  dropped.add('reasoning_effort');
  if (effort === 'minimal') return 'low';
  // What nobody knows still asks for thinking.
  return effort === 'xhigh' ? 'high' : true;
}
