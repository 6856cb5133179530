import { asNumber, asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ReasoningOptions } from '../canonical.ts';
import { givenMembers } from '../other-members.ts';

/** What `thinking` and `output_config` say. */
export interface DecodedReasoning {
  readonly reasoning?: ReasoningOptions;
  /** Members of `output_config` without a place in the canonical form. */
  readonly outputConfig?: JsonObject;
}

const canonicalOutputKeys: ReadonlySet<string> = new Set(['format', 'effort']);
const outputKeysWithoutThinking: ReadonlySet<string> = new Set(['format']);

/**
 * Effort belongs to thinking where the request turns thinking on. Elsewhere it steers the whole answer: it is kept as an
 * extension so that it comes back without thinking, and read as reasoning effort for other dialects.
 */
export function decodeReasoning(body: JsonObject): DecodedReasoning {
  const config = asObject(body.output_config) ?? {};
  const thinking = asObject(body.thinking);
  const isOn = thinking?.type === 'enabled' || thinking?.type === 'adaptive';
  const outputConfig = givenMembers(config, isOn ? canonicalOutputKeys : outputKeysWithoutThinking);
  const reasoning = decodeOptions(thinking, asString(config.effort));
  return { ...(reasoning !== undefined && { reasoning }), ...(outputConfig !== undefined && { outputConfig }) };
}

function decodeOptions(thinking: JsonObject | undefined, effort: string | undefined): ReasoningOptions | undefined {
  if (thinking === undefined) return effort === undefined ? undefined : { effort };
  return decodeThinking(thinking, effort);
}

/** https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export function decodeThinking(thinking: JsonObject, effort: string | undefined): ReasoningOptions {
  if (thinking.type === 'disabled') return { enabled: false };
  const budgetTokens = asNumber(thinking.budget_tokens);
  return {
    enabled: true,
    ...(effort !== undefined && { effort }),
    ...(budgetTokens !== undefined && { budgetTokens }),
    ...(typeof thinking.display === 'string' && { includeText: thinking.display !== 'omitted' }),
  };
}
