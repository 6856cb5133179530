import type { FinishReason } from '../canonical.ts';

/**
 * `pause_turn` (a server tool needs another turn) and `compaction` are no ends a caller of another dialect could act on.
 * https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons
 */
const canonical: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['pause_turn', 'stop'],
  ['compaction', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
]);

const wire: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
};

/** A turn that ends by itself and calls tools waits for their results, whatever word it ends with. */
export function decodeStopReason(raw: string | undefined, toolCallCount: number): FinishReason {
  const reason = canonical.get(raw ?? '') ?? 'stop';
  return reason === 'stop' && toolCallCount > 0 && (raw === 'end_turn' || raw === undefined) ? 'tool_calls' : reason;
}

/** Whether the word is one of today's stop reasons. */
export function isKnownStopReason(raw: string): boolean {
  return canonical.has(raw);
}

export interface Finish {
  readonly reason: FinishReason;
  readonly rawReason?: string | undefined;
  readonly stopSequence?: string | undefined;
  /** Text of a refusal, empty for none. */
  readonly refusal: string;
}

/** The raw reason where it is one of ours and means the same; else the word for the canonical reason. */
export function encodeStopReason({ reason, rawReason, stopSequence, refusal }: Finish): string {
  if (rawReason !== undefined && canonical.get(rawReason) === reason) return rawReason;
  if (refusal !== '') return 'refusal';
  if (reason === 'stop' && stopSequence !== undefined) return 'stop_sequence';
  return wire[reason];
}
