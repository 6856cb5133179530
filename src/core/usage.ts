/** Tokens of one answer. All counts are whole numbers >= 0. */
export interface Usage {
  /** All prompt tokens, those read from and written to the provider's prompt cache included. */
  readonly inputTokens: number;
  /** All generated tokens, reasoning included. */
  readonly outputTokens: number;
  /** The part of `inputTokens` that the provider's prompt cache served. */
  readonly cacheReadTokens?: number;
  /** The part of `inputTokens` that was written to the provider's prompt cache. */
  readonly cacheWriteTokens?: number;
  /** The part of `outputTokens` spent on reasoning. */
  readonly reasoningTokens?: number;
  /** The part of `cacheWriteTokens` that is kept for an hour instead of five minutes. */
  readonly cacheWrite1hTokens?: number;
  /** The parts that are audio or pictures, which have prices of their own; absent when there are none. */
  readonly inputAudioTokens?: number;
  readonly inputImageTokens?: number;
  readonly outputAudioTokens?: number;
  readonly outputImageTokens?: number;
}

/** Where a call's token counts come from. */
export type UsageSource = 'provider' | 'estimated' | 'none';

/** A count that is worth saying: whole and above 0. */
export function someTokens(value: unknown): number | undefined {
  const count = tokenCount(value);
  return count === 0 ? undefined : count;
}

/** A count as a whole number >= 0, or `undefined` for anything a provider should not have sent (-5, 0.5, "7", 1e999). */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
