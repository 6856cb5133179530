import { asObject, type JsonObject } from '../../core/json.ts';
import { tokenCount, type Usage } from '../../core/usage.ts';
import { givenMembers } from '../other-members.ts';

const usageKeys: ReadonlySet<string> = new Set(['tokens', 'cached_tokens']);
const tokenKeys: ReadonlySet<string> = new Set(['input_tokens', 'output_tokens', 'reasoning_tokens']);

/**
 * `tokens` is what the model read and wrote, its own prompt template included; `billed_units`, what Cohere charges for,
 * is less and says nothing of the context's size. It counts only where there is nothing else.
 * https://docs.cohere.com/docs/tokens-and-tokenizers
 */
export function decodeUsage(usage: JsonObject): Usage | undefined {
  const tokens = asObject(usage.tokens);
  const counts = hasCounts(tokens) ? tokens : asObject(usage.billed_units);
  if (!hasCounts(counts)) return undefined;
  const cacheRead = tokenCount(usage.cached_tokens);
  const reasoning = tokenCount(counts?.reasoning_tokens);
  return {
    inputTokens: tokenCount(counts?.input_tokens) ?? 0,
    outputTokens: tokenCount(counts?.output_tokens) ?? 0,
    ...(cacheRead !== undefined && { cacheReadTokens: cacheRead }),
    ...(reasoning !== undefined && { reasoningTokens: reasoning }),
  };
}

function hasCounts(counts: JsonObject | undefined): boolean {
  return tokenCount(counts?.input_tokens) !== undefined || tokenCount(counts?.output_tokens) !== undefined;
}

/** @param other what `otherUsage` has kept */
export function encodeUsage(usage: Usage, other: JsonObject = {}): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, reasoningTokens } = usage;
  const { tokens, ...fields } = other;
  return {
    ...fields,
    tokens: {
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      ...(reasoningTokens !== undefined && { reasoning_tokens: reasoningTokens }),
      ...asObject(tokens),
    },
    ...(cacheReadTokens !== undefined && { cached_tokens: cacheReadTokens }),
  };
}

/** What a usage object says beyond the canonical counts: billed units, the tokens of images. */
export function otherUsage(usage: JsonObject): JsonObject | undefined {
  const tokens = givenMembers(asObject(usage.tokens) ?? {}, tokenKeys);
  const fields = { ...givenMembers(usage, usageKeys), ...(tokens !== undefined && { tokens }) };
  return Object.keys(fields).length === 0 ? undefined : fields;
}
