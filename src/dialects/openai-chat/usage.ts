import { asNumber, asObject, type JsonObject } from '../../core/json.ts';
import { someTokens, tokenCount, type Usage } from '../../core/usage.ts';
import type { ResolvedVariant } from './model-profile.ts';

/**
 * Reads a `usage` object. `prompt_tokens` includes what the prompt cache served and `completion_tokens` includes
 * reasoning, except where the variant says so. `undefined` when it holds no counts.
 *
 * https://platform.openai.com/docs/api-reference/chat/object
 */
export function decodeUsage(usage: JsonObject, variant: ResolvedVariant): Usage | undefined {
  const inputTokens = tokenCount(usage.prompt_tokens);
  const completionTokens = tokenCount(usage.completion_tokens);
  if (inputTokens === undefined && completionTokens === undefined) return undefined;
  const cacheReadTokens = cacheReads(usage);
  const cacheWriteTokens = cacheWrites(usage);
  const reasoningTokens = tokenCount(
    asObject(usage.completion_tokens_details)?.reasoning_tokens ?? usage.reasoning_tokens,
  );
  const inputAudioTokens = someTokens(asObject(usage.prompt_tokens_details)?.audio_tokens);
  const outputAudioTokens = someTokens(asObject(usage.completion_tokens_details)?.audio_tokens);
  const counted = { input: inputTokens ?? 0, completion: completionTokens ?? 0, reasoning: reasoningTokens ?? 0 };
  return {
    inputTokens: counted.input,
    outputTokens: counted.completion + (reasoningIsBeside(usage, counted, variant) ? counted.reasoning : 0),
    ...(cacheReadTokens !== undefined && { cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cacheWriteTokens }),
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(inputAudioTokens !== undefined && { inputAudioTokens }),
    ...(outputAudioTokens !== undefined && { outputAudioTokens }),
  };
}

interface Counts {
  readonly input: number;
  readonly completion: number;
  readonly reasoning: number;
}

/** xAI counts reasoning apart; its `total_tokens` says so, and would say if it stopped doing that. Others prove nothing. */
function reasoningIsBeside(usage: JsonObject, counts: Counts, variant: ResolvedVariant): boolean {
  if (variant.reasoningTokens === 'in-completion') return false;
  const { input, completion, reasoning } = counts;
  return asNumber(usage.total_tokens) === input + completion + reasoning;
}

/** OpenAI; DeepSeek; Together; Mistral; gateways in front of Anthropic. The names never stand for different counts. */
function cacheReads(usage: JsonObject): number | undefined {
  return tokenCount(
    asObject(usage.prompt_tokens_details)?.cached_tokens ??
      usage.prompt_cache_hit_tokens ??
      usage.cached_tokens ??
      usage.num_cached_tokens ??
      usage.cache_read_input_tokens,
  );
}

function cacheWrites(usage: JsonObject): number | undefined {
  return tokenCount(asObject(usage.prompt_tokens_details)?.cache_write_tokens ?? usage.cache_creation_input_tokens);
}

/**
 * Writes a `usage` object.
 *
 * @param original - the provider's own object, whose further members (audio tokens, cost, ...) come back
 */
export function encodeUsage(usage: Usage, original?: JsonObject): JsonObject {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, reasoningTokens } = usage;
  const promptDetails = {
    ...asObject(original?.prompt_tokens_details),
    ...(cacheReadTokens !== undefined && { cached_tokens: cacheReadTokens }),
    ...(cacheWriteTokens !== undefined && { cache_write_tokens: cacheWriteTokens }),
  };
  const completionDetails = {
    ...asObject(original?.completion_tokens_details),
    ...(reasoningTokens !== undefined && { reasoning_tokens: reasoningTokens }),
  };
  return {
    ...original,
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(hasMembers(promptDetails) && { prompt_tokens_details: promptDetails }),
    ...(hasMembers(completionDetails) && { completion_tokens_details: completionDetails }),
  };
}

function hasMembers(object: object): boolean {
  return Object.keys(object).length > 0;
}
