import { asObject, type JsonObject } from '../../core/json.ts';
import { someTokens, tokenCount, type Usage } from '../../core/usage.ts';
import { givenMembers } from '../other-members.ts';

const canonicalUsageKeys: ReadonlySet<string> = new Set([
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens_details',
]);

/** `input_tokens` leaves out what the prompt cache served and stored. https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export function decodeUsage(usage: JsonObject): Usage | undefined {
  const uncached = tokenCount(usage.input_tokens);
  const output = tokenCount(usage.output_tokens);
  if (uncached === undefined && output === undefined) return undefined;
  const cacheRead = tokenCount(usage.cache_read_input_tokens);
  const cacheWrite = tokenCount(usage.cache_creation_input_tokens);
  const hour = someTokens(asObject(usage.cache_creation)?.ephemeral_1h_input_tokens);
  const reasoning = tokenCount(asObject(usage.output_tokens_details)?.thinking_tokens);
  return {
    inputTokens: (uncached ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    outputTokens: output ?? 0,
    ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
    ...(hour !== undefined && { cacheWrite1hTokens: hour }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  };
}

export function encodeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage;
  return {
    input_tokens: Math.max(0, inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
    ...(cacheWriteTokens !== undefined && { cache_creation_input_tokens: cacheWriteTokens }),
    ...(cacheReadTokens !== undefined && { cache_read_input_tokens: cacheReadTokens }),
    output_tokens: outputTokens,
    ...(reasoningTokens !== undefined && { output_tokens_details: { thinking_tokens: reasoningTokens } }),
  };
}

/** What a usage object says beyond the canonical counts: cache lifetimes, service tier, server tools, ... */
export function otherUsage(usage: JsonObject): JsonObject | undefined {
  return givenMembers(usage, canonicalUsageKeys);
}
