import type { FinishReason } from '../canonical.ts';

/** https://docs.cohere.com/reference/chat. `ERROR` and `TIMEOUT` end no answer: they are failures. */
const canonical: ReadonlyMap<string, FinishReason> = new Map([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool_calls'],
  // The second version of the API has no word for it; this is the first one's.
  ['ERROR_TOXIC', 'content_filter'],
]);

const wire: Readonly<Record<FinishReason, string>> = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_CALL',
  content_filter: 'ERROR_TOXIC',
};

/** A turn that ends by itself and calls tools waits for their results, whatever word it ends with. */
export function decodeFinishReason(raw: string | undefined, toolCallCount: number): FinishReason {
  const reason = canonical.get(raw ?? '') ?? 'stop';
  const endedByItself = raw === 'COMPLETE' || raw === undefined;
  return endedByItself && toolCallCount > 0 ? 'tool_calls' : reason;
}

/** The words of an answer that failed. */
export function isFailure(raw: string | undefined): boolean {
  return raw === 'ERROR' || raw === 'TIMEOUT';
}

export interface Finish {
  readonly reason: FinishReason;
  readonly rawReason?: string | undefined;
  readonly stopSequence?: string | undefined;
}

/** The raw reason where it is one of ours and means the same; else the word for the canonical reason. */
export function encodeFinishReason({ reason, rawReason, stopSequence }: Finish): string {
  if (rawReason !== undefined && canonical.get(rawReason) === reason) return rawReason;
  return reason === 'stop' && stopSequence !== undefined ? 'STOP_SEQUENCE' : wire[reason];
}
