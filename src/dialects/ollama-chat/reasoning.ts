import type { JsonValue } from '../../core/json.ts';
import type { ReasoningOptions } from '../canonical.ts';
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

/** The largest budget each level stands for. */
const budgets: readonly (readonly [largest: number, level: string])[] = [
  [4096, 'low'],
  [16_384, 'medium'],
  [Number.POSITIVE_INFINITY, 'high'],
];

/** Budgets and levels of other providers become the nearest level, and are reported as `reasoning_effort`. */
export function encodeThink(options: ReasoningOptions | undefined, dropped: Set<string>): boolean | string | undefined {
  if (options === undefined) return undefined;
  const { enabled, effort, budgetTokens } = options;
  if (enabled === false || effort === 'none' || budgetTokens === 0) return false;
  if (effort !== undefined) return encodeEffort(effort, dropped);
  if (budgetTokens === undefined) return enabled;
  dropped.add('reasoning_effort');
  return budgets.find(([largest]) => budgetTokens <= largest)?.[1];
}

function encodeEffort(effort: string, dropped: Set<string>): boolean | string {
  if (levels.has(effort)) return effort;
  dropped.add('reasoning_effort');
  if (effort === 'minimal') return 'low';
  // What nobody knows still asks for thinking.
  return effort === 'xhigh' ? 'high' : true;
}
