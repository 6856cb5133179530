import type { Call } from './call.ts';
import type { GatewayError } from './errors.ts';
import type { Reply } from './reply.ts';
import type { AttemptRecord, Settlement } from './settlement.ts';

/**
 * What a middleware is before a host wraps it: written once, mounted on Express, Kong or anything else. Every hook is
 * optional. Hooks that need no I/O return their value directly; the runner awaits only promises.
 */
export interface Capability {
  readonly name: string;
  /** Capabilities this one must stand in front of, with the reason: a wrong order is refused on the first request. */
  readonly standsBefore?: Readonly<Record<string, string>>;
  /** The head is there, the body unread: credentials, IP limits. */
  onHead?(call: Call): Decision | Promise<Decision>;
  /** The body is read and parsed. */
  onRequest?(call: Call): Decision | Promise<Decision>;
  /** Which targets remain, and why the others do not. Order is the order of trial. */
  onPlan?(call: Call, candidates: readonly Candidate[]): Plan;
  /** An attempt begins. */
  onAttempt?(call: Call, attempt: AttemptRecord): void;
  /** An attempt has ended; its record is complete. */
  onAttemptSettled?(call: Call, attempt: AttemptRecord): void;
  /** The call has ended: once, after the last byte. Can no longer change the answer. */
  onSettled?(call: Call, settlement: Settlement): void;
  /** Makes this capability terminal: it produces the answer, and calls `call.finish` when its work is over. */
  answer?(call: Call): Promise<Reply>;
  /** A hook of this capability threw where nothing may break any more; for its log. */
  onFault?(thrown: unknown): void;
}

/** A value, not an exception: what a hook wants to happen next. */
export type Decision =
  | { readonly kind: 'pass' }
  | { readonly kind: 'reject'; readonly error: GatewayError }
  | { readonly kind: 'reply'; readonly reply: Reply };

export const pass: Decision = { kind: 'pass' };

export function reject(error: GatewayError): Decision {
  return { kind: 'reject', error };
}

/** A target a call could go to. */
export interface Candidate {
  /** Name of the provider in the configuration. */
  readonly provider: string;
  /** Other names that mean the same provider (`google` for `gemini`). */
  readonly aliases?: readonly string[] | undefined;
  /** The provider's own name of the model. */
  readonly model: string;
}

export interface Plan {
  readonly candidates: readonly Candidate[];
  readonly skipped: readonly Skip[];
}

export interface Skip {
  readonly candidate: Candidate;
  readonly reason: string;
  /** What the caller reads when every candidate is skipped. */
  readonly error: GatewayError;
}
