import type { JsonObject } from '../../core/json.ts';
import { tokenCount, type Usage } from '../../core/usage.ts';
import { otherMembers } from '../other-members.ts';

const canonicalUsageKeys: ReadonlySet<string> = new Set([
  'inputTokens',
  'outputTokens',
  'totalTokens',
  'cacheReadInputTokens',
  'cacheWriteInputTokens',
]);

/**
 * `inputTokens` leaves out what the prompt cache served and stored. Some answers give those two twice, once more as
 * `...TokenCount`. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html
 */
export function decodeUsage(usage: JsonObject): Usage | undefined {
  const uncached = tokenCount(usage.inputTokens);
  const output = tokenCount(usage.outputTokens);
  if (uncached === undefined && output === undefined) return undefined;
  const cacheRead = tokenCount(usage.cacheReadInputTokens ?? usage.cacheReadInputTokenCount);
  const cacheWrite = tokenCount(usage.cacheWriteInputTokens ?? usage.cacheWriteInputTokenCount);
  return {
    inputTokens: (uncached ?? 0) + (cacheRead ?? 0) + (cacheWrite ?? 0),
    outputTokens: output ?? 0,
    ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
    ...(cacheWrite !== undefined && { cacheWriteTokens: cacheWrite }),
  };
}

export function encodeUsage(usage: Usage): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = usage;
  return {
    inputTokens: Math.max(0, inputTokens - (cacheReadTokens ?? 0) - (cacheWriteTokens ?? 0)),
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    ...(cacheReadTokens !== undefined && { cacheReadInputTokens: cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteInputTokens: cacheWriteTokens }),
  };
}

/** What a usage object says beyond the canonical counts: cache lifetimes, calls of server tools. */
export function otherUsage(usage: JsonObject): JsonObject | undefined {
  return otherMembers(usage, canonicalUsageKeys);
}
