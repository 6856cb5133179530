import type { FinishReason } from '../canonical.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html#API_runtime_Converse_ResponseSyntax */
const canonical: ReadonlyMap<string, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['malformed_tool_use', 'stop'],
  ['malformed_model_output', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['guardrail_intervened', 'content_filter'],
  ['content_filtered', 'content_filter'],
]);

const wire: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'content_filtered',
};

/**
 * A turn that ends by itself and calls tools waits for their results, whatever word it ends with; one that calls none
 * waits for nothing (a structured answer is a tool call on the wire).
 */
export function decodeStopReason(raw: string | undefined, toolCallCount: number): FinishReason {
  const reason = canonical.get(raw ?? '') ?? 'stop';
  if (reason === 'tool_calls' && toolCallCount === 0) return 'stop';
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
}

/** The raw reason where it is one of ours and means the same; else the word for the canonical reason. */
export function encodeStopReason({ reason, rawReason, stopSequence }: Finish): string {
  if (rawReason !== undefined && canonical.get(rawReason) === reason) return rawReason;
  return reason === 'stop' && stopSequence !== undefined ? 'stop_sequence' : wire[reason];
}
