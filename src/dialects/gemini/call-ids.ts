import { createHash } from 'node:crypto';

/*
 * Only newer models name their function calls. Everywhere else calls are told apart by an id, so one is made up: the
 * same answer always gives the same ids, and they are left out again when the conversation goes back to Gemini.
 */

const prefix = 'gemini_call_';
/** What Anthropic and Bedrock take as an id of at most 64 characters. */
const usableSeed = /^[\w-]{1,40}$/;

/** The seed of an answer's ids: its own id where it has a usable one. */
export function callSeed(answerId: string): string {
  if (usableSeed.test(answerId)) return answerId;
  return answerId === '' ? '' : digest(answerId);
}

/** The id of the call with this number in the answer; `content` tells answers without an id apart. */
export function callId(seed: string, number: number, content: string): string {
  return `${prefix}${seed === '' ? digest(content) : seed}_${number}`;
}

/** Whether an id was made up here, so that the provider must not see it. */
export function isMadeUp(id: string): boolean {
  return id.startsWith(prefix);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
