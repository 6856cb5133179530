import type { JsonObject } from '../../core/json.ts';
import { tokenCount, type Usage } from '../../core/usage.ts';

/**
 * https://docs.ollama.com/api/usage. Thinking is counted in `eval_count`. A server that found the whole prompt in its
 * cache may leave `prompt_eval_count` out, and does not say what it would have been.
 */
export function decodeUsage(usage: JsonObject): Usage | undefined {
  const input = tokenCount(usage.prompt_eval_count);
  const output = tokenCount(usage.eval_count);
  if (input === undefined && output === undefined) return undefined;
  return { inputTokens: input ?? 0, outputTokens: output ?? 0 };
}

export function encodeUsage({ inputTokens, outputTokens }: Usage): JsonObject {
  return { prompt_eval_count: inputTokens, eval_count: outputTokens };
}
