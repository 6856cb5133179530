import { usdText } from '../core/usd.ts';
import type { Measures } from './usage-cell.ts';

/** The figures of a group as the report shows them, in the order of the columns of its CSV. */
export interface UsageFigures {
  readonly requests: number;
  readonly errors: number;
  readonly rejected: number;
  readonly cache_hits: number;
  /** Errors among the requests; null without requests. */
  readonly error_rate: number | null;
  /** Cache hits among the requests that were not rejected. */
  readonly cache_hit_rate: number | null;
  readonly average_latency_ms: number | null;
  readonly average_first_token_ms: number | null;
  readonly attempts: number;
  /** Attempts that used something, or may have, whose price nobody knows. */
  readonly unpriced_attempts: number;
  /** Exact, in US dollars. */
  readonly cost_usd: string;
  /** Exact, in thousand-millionths of a US dollar. */
  readonly cost_nano_usd: string;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly reasoning_tokens: number;
}

export function usageFigures(sums: Measures): UsageFigures {
  return {
    requests: Number(sums.requests),
    errors: Number(sums.errors),
    rejected: Number(sums.rejected),
    cache_hits: Number(sums.cacheHits),
    error_rate: ratio(sums.errors, sums.requests, 10_000),
    cache_hit_rate: ratio(sums.cacheHits, sums.requests - sums.rejected, 10_000),
    average_latency_ms: ratio(sums.latencyMs, sums.timedRequests, 10),
    average_first_token_ms: ratio(sums.firstOutputMs, sums.firstOutputs, 10),
    attempts: Number(sums.attempts),
    unpriced_attempts: Number(sums.unpriced),
    cost_usd: usdText(sums.costNanoUsd),
    cost_nano_usd: sums.costNanoUsd.toString(),
    input_tokens: Number(sums.inputTokens),
    output_tokens: Number(sums.outputTokens),
    cache_read_tokens: Number(sums.cacheReadTokens),
    cache_write_tokens: Number(sums.cacheWriteTokens),
    reasoning_tokens: Number(sums.reasoningTokens),
  };
}

function ratio(part: bigint, whole: bigint, precision: number): number | null {
  return whole <= 0n ? null : Math.round((Number(part) / Number(whole)) * precision) / precision;
}
