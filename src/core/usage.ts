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
}

/** Where a call's token counts come from. */
export type UsageSource = 'provider' | 'estimated' | 'none';

/** A count as a whole number >= 0, or `undefined` for anything a provider should not have sent (-5, 0.5, "7", 1e999). */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
