import type { JsonValue } from '../../core/json.ts';
import type { Usage } from '../../core/usage.ts';
import type { Part } from './message.ts';
import type { Extensions } from './opaque.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

export interface ChatAnswer {
  readonly id: string;
  readonly model: string;
  /** Seconds since 1970, where the provider says. */
  readonly created?: number;
  readonly choices: readonly Choice[];
  readonly usage?: Usage;
  readonly extensions?: Extensions;
}

export interface Choice {
  readonly index: number;
  /** Reasoning, text, refusal, tool-call and extension parts in the order the model produced them. */
  readonly parts: readonly Part[];
  readonly finishReason: FinishReason;
  /** The provider's own word. */
  readonly rawFinishReason?: string;
  /** The stop sequence that fired, where the provider says. */
  readonly stopSequence?: string;
  /** In OpenAI's form. */
  readonly logprobs?: JsonValue;
  readonly extensions?: Extensions;
}
