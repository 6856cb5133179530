import type { Refusal } from './personality.ts';

/** A refusal that says in its header when to come back, as most vendors do. */
export function retryHint(refused: Refusal, seconds: number): Refusal {
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(Math.ceil(seconds)) } };
}
