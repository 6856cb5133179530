import type { DialectName } from '../../core/dialect-name.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { FinishReason } from './answer.ts';
import type { UpstreamFault } from './fault.ts';
import type { ExtensionPart } from './message.ts';
import type { Opaque } from './opaque.ts';

/**
 * One step of a streamed answer. Per choice, parts come one after another; a `*-delta` continues the part of its kind
 * that is open, or opens one. `part-end` closes the open text or reasoning part and may sign it. Tool calls are
 * numbered from 0 per choice and may overlap. `finish` comes once per choice, `usage` at most once, last-wins already
 * applied. `done` is the provider's end marker: a stream that ends without it was cut.
 */
export type ChatEvent =
  | { readonly type: 'start'; readonly id: string; readonly model: string; readonly created?: number }
  | { readonly type: 'text-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'refusal-delta'; readonly choice: number; readonly text: string }
  | { readonly type: 'part-end'; readonly choice: number; readonly signature?: Opaque }
  /** A whole redacted reasoning part. */
  | { readonly type: 'reasoning-redacted'; readonly choice: number; readonly redacted: Opaque }
  | {
      readonly type: 'tool-call-start';
      readonly choice: number;
      readonly index: number;
      readonly id: string;
      readonly name: string;
      readonly signature?: Opaque;
    }
  | { readonly type: 'tool-call-delta'; readonly choice: number; readonly index: number; readonly arguments: string }
  | { readonly type: 'tool-call-end'; readonly choice: number; readonly index: number }
  /** A whole part only one dialect knows. */
  | { readonly type: 'extension-part'; readonly choice: number; readonly part: ExtensionPart }
  /** Fields of the answer (or of a choice) that only one dialect knows; later values replace earlier ones per field. */
  | { readonly type: 'extension'; readonly choice?: number; readonly dialect: DialectName; readonly data: JsonObject }
  /** In OpenAI's form, `{content: [...], refusal: [...]}`; the arrays of one choice add up. */
  | { readonly type: 'logprobs'; readonly choice: number; readonly logprobs: JsonObject }
  | {
      readonly type: 'finish';
      readonly choice: number;
      readonly reason: FinishReason;
      readonly rawReason?: string;
      readonly stopSequence?: string;
    }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The provider reported a failure inside the stream. Nothing follows it. */
  | { readonly type: 'error'; readonly fault: UpstreamFault }
  | { readonly type: 'done' };
