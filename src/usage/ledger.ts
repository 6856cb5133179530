import type { NanoUsd } from '../core/cost.ts';
import type { UsageSource } from '../core/usage.ts';
import type { Dimension, Measures } from './usage-cell.ts';

/**
 * What happened to an attempt: money was put at risk, then it was used (`settle`), nothing was sent (`release`), or the
 * process died in between (`crash_recovered`). The last three are terminal: an attempt has exactly one of them.
 */
export type AttemptPhase = 'reserve' | 'settle' | 'release' | 'crash_recovered';

/** Whose call it was, as `auth` named the caller. */
export interface LedgerOwner {
  readonly keyId: string;
  readonly user: string | null;
  readonly team: string | null;
  readonly project: string | null;
  readonly feature: string | null;
}

/** Tokens by kind; null where nobody counted. The parts are contained in `inputTokens` and `outputTokens`. */
export interface LedgerTokens {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cacheReadTokens: number | null;
  readonly cacheWriteTokens: number | null;
  readonly reasoningTokens: number | null;
  readonly usageSource: UsageSource | null;
}

/** One line about an attempt. Times are milliseconds since 1970, durations whole milliseconds. */
export interface AttemptEntry extends LedgerOwner, LedgerTokens {
  readonly entry: 'attempt';
  readonly phase: AttemptPhase;
  /** Unique over all processes: never the caller's own request id, which may come twice. */
  readonly attemptId: string;
  readonly callId: string;
  readonly requestId: string;
  /** 1 for the first try of the call. */
  readonly number: number;
  readonly requestedModel: string | null;
  readonly provider: string;
  readonly model: string;
  /** Which of the provider's keys, counted from 1; never the key. */
  readonly keyNumber: number | null;
  /** Null for `reserve` and `crash_recovered`: nobody knows. */
  readonly status: string | null;
  readonly fault: string | null;
  readonly httpStatus: number | null;
  /** Null where a price is not known, or nothing was used. */
  readonly costNanoUsd: NanoUsd | null;
  readonly priceVersion: string | null;
  readonly reservedAt: number;
  /** When this line was written down. */
  readonly at: number;
  readonly latencyMs: number | null;
  readonly firstOutputMs: number | null;
}

/** The one line of a call: answered, rejected, cached, failed or lost in a crash. */
export interface CallEntry extends LedgerOwner, LedgerTokens {
  readonly entry: 'call';
  readonly callId: string;
  /** The `x-request-id` of the response. */
  readonly requestId: string;
  /** A JSON list, null without tags. */
  readonly tags: string | null;
  readonly operation: string;
  readonly dialect: string;
  /** 1 when the caller asked for a stream, else 0. */
  readonly stream: number;
  readonly requestedModel: string | null;
  /** Who served, or failed last. */
  readonly provider: string | null;
  readonly model: string | null;
  /** A `CallStatus`, `cache_hit` or `crash_recovered`. */
  readonly status: string;
  readonly errorCode: string | null;
  readonly httpStatus: number | null;
  readonly attempts: number;
  /** All attempts together; null when a price is not known, or nothing was used. */
  readonly costNanoUsd: NanoUsd | null;
  readonly createdAt: number;
  readonly endedAt: number;
  readonly latencyMs: number | null;
  readonly firstOutputMs: number | null;
}

export type LedgerEntry = AttemptEntry | CallEntry;

/** What to add up. */
export interface TotalsQuery {
  /**
   * Stretches of time, ascending and without overlap: from (inclusive) to (exclusive), milliseconds since 1970, on
   * borders of a quarter of an hour. There is one list of totals for each.
   */
  readonly stretches: readonly Stretch[];
  readonly groupBy: readonly Dimension[];
  /** Only what matches all of them; null stands for "not known". */
  readonly filters: readonly Filter[];
  /** More groups than this are not counted up: the answer is then `too many`. */
  readonly most: number;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Filter {
  readonly dimension: Dimension;
  readonly value: string | null;
}

export interface TotalsRow {
  /** Index of the stretch. */
  readonly stretch: number;
  /** In the order of `groupBy`; null for "not known". */
  readonly group: readonly (string | null)[];
  readonly measures: Measures;
}

/** Where the ledger is kept. Every method may be called again with the same input: nothing is written or counted twice. */
export interface LedgerStore {
  /** All or nothing. An id that is there already stays as it is. */
  write(entries: readonly LedgerEntry[]): Promise<void>;
  totals(query: TotalsQuery): Promise<readonly TotalsRow[] | 'too many'>;
  /**
   * Forgets at most `most` lines of each kind older than `before`: a midnight of UTC, in milliseconds since 1970. How many
   * it forgot.
   */
  prune(before: number, most: number): Promise<number>;
  close(): Promise<void>;
}

export function isTerminal(entry: AttemptEntry): boolean {
  return entry.phase !== 'reserve';
}
