import type { Cost, NanoUsd } from './cost.ts';
import type { GatewayError } from './errors.ts';
import type { Usage, UsageSource } from './usage.ts';

/** How one try at a provider ended. `unknown`: the connection was lost after the request was sent and before any answer. */
export type AttemptStatus =
  | 'ok'
  | 'client_abort'
  | 'upstream_error'
  | 'upstream_truncated'
  | 'timeout'
  | 'unknown'
  /** Ended by the gateway: it had used what was set aside for it. */
  | 'stopped'
  /** Nothing was sent: the connection never stood, or the call ended first. */
  | 'not_sent';

/** One try at one target. Written by whoever makes the attempt, read by capabilities after `onAttemptSettled`. */
export interface AttemptRecord {
  readonly id: string;
  /** 1 for the first try of the call. */
  readonly number: number;
  readonly provider: string;
  /** The provider's own model name. */
  readonly model: string;
  /** Which of the provider's keys was used, counted from 1; never the key. */
  readonly keyNumber?: number | undefined;
  /** Runtime milliseconds (`Runtime.now`). */
  readonly startedAt: number;
  status?: AttemptStatus;
  endedAt?: number;
  /** When the first text, reasoning, refusal or tool call arrived. */
  firstOutputAt?: number;
  httpStatus?: number;
  /** Why it failed: a fault kind, e.g. `rate_limit`. */
  fault?: string;
  usage?: Usage;
  usageSource?: UsageSource;
  /** Absent when nobody keeps prices, or nothing was used. */
  cost?: Cost;
}

/** How a call ended, as its ledger row and log line say it. */
export type CallStatus =
  | 'ok'
  | 'rejected'
  | 'client_abort'
  | 'upstream_error'
  | 'upstream_truncated'
  | 'timeout'
  | 'failed';

/** What the terminal (or the capability that answered in its place) says of the call when its work is over. */
export interface Outcome {
  readonly status: CallStatus;
  readonly httpStatus: number;
  readonly error?: GatewayError | undefined;
  /** Who served, where somebody did. */
  readonly provider?: string;
  readonly model?: string;
  readonly usage?: Usage | undefined;
  readonly usageSource?: UsageSource;
  readonly finishReason?: string | undefined;
}

/** The end of a call: exactly one per call, on every path out, after the last byte. */
export interface Settlement extends Outcome {
  /** From the request's arrival to the end of the answer, in milliseconds. */
  readonly latencyMs: number;
  /** From the request's arrival to the first real output, in milliseconds. */
  readonly firstOutputMs?: number | undefined;
  readonly attempts: readonly AttemptRecord[];
  /** All attempts together; null when a price is not known, absent when nothing was used. */
  readonly cost?: NanoUsd | null | undefined;
}
