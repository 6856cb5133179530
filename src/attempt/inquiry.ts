import type { JsonValue } from '../core/json.ts';
import type { Reply } from '../core/reply.ts';
import type { Usage } from '../core/usage.ts';
import type { FinishReason, UpstreamFault } from '../dialects/canonical.ts';
import type { Dialect } from '../dialects/dialect.ts';
import type { Target } from '../providers/provider.ts';
import type { AttemptPlan } from './attempt-plan.ts';
import type { RequestPart } from './fan-out.ts';
import type { OutputMeter } from './output-meter.ts';

/** What a caller asks for (a chat answer, embeddings, ...), ready to be put to any target. */
export interface Inquiry {
  /** What the caller speaks. */
  readonly dialect: Dialect;
  /** Whether the caller wants usage inside a stream. */
  readonly includeUsage: boolean;
  /**
   * The request as this target gets it.
   *
   * @throws GatewayError when the target cannot take the request at all
   */
  prepare(target: Target): OutgoingRequest | Promise<OutgoingRequest>;
  /** About how many tokens the prompt has for a model, for when nobody else says. */
  promptTokens(model: string): number;
}

/** A request as one target gets it. */
export interface OutgoingRequest {
  /** Path and query. */
  readonly path: string;
  readonly body: Buffer | string;
  /**
   * Further requests without which the first is not the whole question. Their answers, the first one's in front, are
   * read as one JSON array.
   */
  readonly more?: readonly RequestPart[];
  /** Larger answers are refused. @default 64 MB */
  readonly maxAnswerBytes?: number;
  /** Milliseconds the first output may take where that is longer than for a chat. @default what the operator allows */
  readonly patience?: number;
  /** The caller's own bytes but for the spliced members; the answer may pass through as well. */
  readonly passThrough: boolean;
  /** Parameters the target cannot take. */
  readonly dropped: readonly string[];
  /** What the target speaks here. */
  readonly dialect: Dialect;
  /** Reads a whole answer to it. What it throws counts as "no answer". */
  readonly read: AnswerReader;
}

export type AnswerReader = (answer: RawAnswer, plan: AttemptPlan) => WholeAnswer;

/** A whole answer as it came. */
export interface RawAnswer {
  readonly json: JsonValue;
  readonly bytes: Buffer;
}

/** A whole answer, ready for the caller, or why it is none. */
export type WholeAnswer =
  | {
      readonly reply: Reply;
      readonly finishReason?: FinishReason | undefined;
      readonly usage?: Usage | undefined;
      /** What was delivered, where the provider did not count it. */
      readonly meter?: OutputMeter;
    }
  | { readonly fault: UpstreamFault };
