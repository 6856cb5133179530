import type { JsonValue } from '../../core/json.ts';
import type { FinishReason } from '../canonical.ts';

/**
 * Names in the order of their numbers: some callers ask for enums as integers.
 *
 * https://ai.google.dev/api/generate-content#FinishReason
 */
const numbered = [
  'FINISH_REASON_UNSPECIFIED',
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'OTHER',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
  'IMAGE_SAFETY',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
] as const;

const meanings: ReadonlyMap<string, FinishReason> = new Map<string, FinishReason>([
  ['FINISH_REASON_UNSPECIFIED', 'stop'],
  ['STOP', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['SAFETY', 'content_filter'],
  ['RECITATION', 'content_filter'],
  ['OTHER', 'stop'],
  ['LANGUAGE', 'content_filter'],
  ['BLOCKLIST', 'content_filter'],
  ['PROHIBITED_CONTENT', 'content_filter'],
  ['SPII', 'content_filter'],
  ['MODEL_ARMOR', 'content_filter'],
  ['IMAGE_SAFETY', 'content_filter'],
  ['IMAGE_PROHIBITED_CONTENT', 'content_filter'],
  ['IMAGE_RECITATION', 'content_filter'],
  ['IMAGE_OTHER', 'stop'],
  ['NO_IMAGE', 'stop'],
  ['MALFORMED_FUNCTION_CALL', 'stop'],
  ['UNEXPECTED_TOOL_CALL', 'stop'],
  ['TOO_MANY_TOOL_CALLS', 'stop'],
  ['MISSING_THOUGHT_SIGNATURE', 'stop'],
  ['MALFORMED_RESPONSE', 'stop'],
]);

/** The model broke its own answer off. With nothing else in it, such an answer is a failure worth another try. */
const breakdowns: ReadonlySet<string> = new Set([
  'MALFORMED_FUNCTION_CALL',
  'UNEXPECTED_TOOL_CALL',
  'TOO_MANY_TOOL_CALLS',
  'MISSING_THOUGHT_SIGNATURE',
  'MALFORMED_RESPONSE',
]);

/** Gemini's word, also for a number; `undefined` where the candidate has not finished. */
export function finishWord(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return numbered[value] ?? String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Gemini says STOP after function calls, too. A limit or a filter wins over calls: the last one may be incomplete. */
export function decodeFinishReason(word: string | undefined, toolCalls: number): FinishReason {
  const reason = (word === undefined ? undefined : meanings.get(word)) ?? 'stop';
  return reason === 'stop' && toolCalls > 0 ? 'tool_calls' : reason;
}

export function isKnownFinishWord(word: string): boolean {
  return meanings.has(word);
}

export function isBreakdown(word: string | undefined): word is string {
  return word !== undefined && breakdowns.has(word);
}

/** Gemini's own word where the reason came from it, else the nearest one. */
export function encodeFinishReason(reason: FinishReason, word: string | undefined): string {
  if (word !== undefined && isKnownFinishWord(word) && sameEnd(word, reason)) return word;
  switch (reason) {
    case 'stop':
    case 'tool_calls':
      return 'STOP';
    case 'length':
      return 'MAX_TOKENS';
    case 'content_filter':
      return 'SAFETY';
  }
}

function sameEnd(word: string, reason: FinishReason): boolean {
  return meanings.get(word) === (reason === 'tool_calls' ? 'stop' : reason);
}
