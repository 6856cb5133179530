import type { Call } from '../core/call.ts';
import type { GatewayError } from '../core/errors.ts';
import type { Reply } from '../core/reply.ts';
import type { AttemptRecord, AttemptStatus } from '../core/settlement.ts';
import type { FinishReason, UpstreamFault } from '../dialects/canonical.ts';
import type { Dialect, ReplyContext } from '../dialects/dialect.ts';
import type { AttemptProgress } from '../routing/fault-policy.ts';
import type { AnswerReader } from './inquiry.ts';
import type { AttemptLimits } from './watchdog.ts';

/** Answers are read into memory, so larger ones are refused. */
export const maxAnswerBytes = 64 * 1024 * 1024;

export interface AttemptPlan {
  readonly call: Call;
  readonly record: AttemptRecord;
  /** What the caller speaks, and what the provider speaks. */
  readonly inbound: Dialect;
  readonly outbound: Dialect;
  /**
   * The provider's own keys, blacked out where it repeats them. A token may have come after the attempt began, so they are
   * asked for when they are needed; not by a getter, since an object literal with one gets a hidden class of its own each
   * time, which keeps the whole call alive until the next full garbage collection.
   */
  secrets?(): readonly string[];
  /** Whether the provider's bytes may reach the caller as they are. */
  readonly passThrough: boolean;
  /** Reads a whole answer. */
  readonly read: AnswerReader;
  /** @default maxAnswerBytes */
  readonly maxAnswerBytes?: number;
  readonly reply: ReplyContext;
  /** Estimates the prompt. */
  readonly promptTokens: () => number;
  /** Whether an answer under way has used more than was set aside for it. */
  readonly exceededBy?: ((outputTokens: number) => boolean) | undefined;
  readonly limits: AttemptLimits;
  /** What the caller reads when this fault breaks its stream. */
  readonly toError: (fault: UpstreamFault) => GatewayError;
  /** Called once when the attempt is over, after its record is complete; for a stream, long after the reply. */
  readonly onEnd: (end: AttemptEnd) => void;
  readonly onInvalidUtf8?: () => void;
}

export interface AttemptEnd {
  readonly status: AttemptStatus;
  readonly fault?: UpstreamFault | undefined;
  readonly progress: AttemptProgress;
  /** What the caller read in its broken stream. */
  readonly shown?: GatewayError | undefined;
  readonly finishReason?: FinishReason | undefined;
}

/** What an attempt gives failover to decide on: an answer to send, or a failure nobody has seen. */
export type AttemptResult =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'failed'; readonly end: AttemptEnd };
