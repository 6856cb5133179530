import type { FinishReason } from '../canonical.ts';

/**
 * `load` and `unload` answer requests without messages: nothing was generated. `content_filter` is a word of our own,
 * for answers of providers that have one.
 */
const canonical: ReadonlyMap<string, FinishReason> = new Map([
  ['stop', 'stop'],
  ['length', 'length'],
  ['load', 'stop'],
  ['unload', 'stop'],
  ['content_filter', 'content_filter'],
]);

/** The API says `stop` after tool calls, too; older servers say nothing. */
export function decodeDoneReason(raw: string | undefined, toolCallCount: number): FinishReason {
  const reason = canonical.get(raw ?? '') ?? 'stop';
  return reason === 'stop' && toolCallCount > 0 ? 'tool_calls' : reason;
}

/** The raw reason where it is one of ours and means the same; else the word for the canonical reason. */
export function encodeDoneReason(reason: FinishReason, raw: string | undefined): string {
  const meant = reason === 'tool_calls' ? 'stop' : reason;
  return raw !== undefined && canonical.get(raw) === meant ? raw : meant;
}
