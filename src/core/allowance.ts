import type { Candidate } from './capability.ts';
import type { NanoUsd } from './cost.ts';
import type { AttemptRecord } from './settlement.ts';

/**
 * What a call may still use, set by who guards the money and kept by who makes the attempts. Absent: no bound.
 */
export interface Allowance {
  /**
   * The upper bound of generated tokens that is sent to a target, at most what the caller asked for; `undefined` leaves
   * the caller's own.
   */
  maxOutputTokens(target: Candidate): number | undefined;
  /**
   * Whether an answer under way has used more than was set aside for it. Asked while a stream runs, with the generated
   * tokens so far (the provider's count where it gives one, else an estimate of what was delivered).
   */
  exceededBy(target: Candidate, outputTokens: number): boolean;
  /**
   * What is booked for an attempt that has ended and that nobody has counted or can price; its record then says the same,
   * so that what budgets count is what the ledger says. `undefined` for nothing.
   */
  costOfUncounted(attempt: AttemptRecord): NanoUsd | undefined;
}
