import { asObject, type JsonObject } from '../../core/json.ts';
import { tokenCount, type Usage } from '../../core/usage.ts';

/**
 * Reads a `usage` object: `input_tokens` include what the prompt cache served, `output_tokens` include reasoning.
 * `undefined` when it holds no counts.
 *
 * https://platform.openai.com/docs/api-reference/responses/object#responses/object-usage
 */
export function decodeUsage(usage: JsonObject): Usage | undefined {
  const inputTokens = tokenCount(usage.input_tokens);
  const outputTokens = tokenCount(usage.output_tokens);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  const inputDetails = asObject(usage.input_tokens_details);
  const cacheReadTokens = tokenCount(inputDetails?.cached_tokens);
  const cacheWriteTokens = tokenCount(inputDetails?.cache_write_tokens);
  const reasoningTokens = tokenCount(asObject(usage.output_tokens_details)?.reasoning_tokens);
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
  };
}

/**
 * Writes a `usage` object, with the details clients rely on.
 *
 * @param original - the provider's own object, whose further members (costs, sources, ...) come back
 */
export function encodeUsage(usage: Usage, original?: JsonObject): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage;
  const reads = original === undefined ? (cacheReadTokens ?? 0) : cacheReadTokens;
  const reasoning = original === undefined ? (reasoningTokens ?? 0) : reasoningTokens;
  const inputDetails = {
    ...asObject(original?.input_tokens_details),
    ...(reads !== undefined && { cached_tokens: reads }),
    ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
  };
  const outputDetails = {
    ...asObject(original?.output_tokens_details),
    ...(reasoning !== undefined && { reasoning_tokens: reasoning }),
  };
  return {
    ...original,
    input_tokens: inputTokens,
    ...(Object.keys(inputDetails).length > 0 && { input_tokens_details: inputDetails }),
    output_tokens: outputTokens,
    ...(Object.keys(outputDetails).length > 0 && { output_tokens_details: outputDetails }),
    total_tokens: inputTokens + outputTokens,
  };
}
