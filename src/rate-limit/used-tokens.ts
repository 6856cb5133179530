import type { AttemptRecord, Settlement } from '../core/settlement.ts';
import { tokenCount, type Usage } from '../core/usage.ts';

/** What a call has used of the tokens set aside for it, over all its attempts. */
export function callTokens({ attempts, status, usage, usageSource }: Settlement, setAside: number): number {
  if (attempts.length > 0) return attempts.reduce((sum, attempt) => sum + attemptTokens(attempt, setAside), 0);
  const counted = totalOf(usage);
  if (counted !== undefined) return counted;
  // The app's own handler has answered, and nobody could read what that took.
  return usageSource === 'none' && status === 'ok' ? setAside : 0;
}

/** What one attempt has used. A count that is none is treated as if there were none: the estimate holds. */
export function attemptTokens({ usage, status }: AttemptRecord, setAside: number): number {
  const counted = totalOf(usage);
  if (counted !== undefined) return counted;
  return usage !== undefined || status === 'ok' || status === 'unknown' ? setAside : 0;
}

function totalOf(usage: Usage | undefined): number | undefined {
  const input = tokenCount(usage?.inputTokens);
  const output = tokenCount(usage?.outputTokens);
  if (input === undefined || output === undefined) return undefined;
  return tokenCount(input + output);
}
