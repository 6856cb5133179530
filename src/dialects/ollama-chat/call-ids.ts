import { createHash } from 'node:crypto';

/*
 * Older servers do not name their tool calls, and callers leave the names out. Everywhere else calls are told apart by
 * an id, so one is made up: the same text always gives the same ids, and they are left out again when the conversation
 * goes back to Ollama.
 */

const prefix = 'ollama_call_';

/** The id of a call in an answer: its number, and when it was made, so that no two turns share an id. */
export function answerCallId(createdAt: string, number: number): string {
  return `${prefix}${createHash('sha256').update(createdAt).digest('hex').slice(0, 12)}_${number}`;
}

/** The id of a call in a request: where it stands there, which does not change as the conversation grows. */
export function requestCallId(message: number, number: number): string {
  return `${prefix}${message}_${number}`;
}

/** The id, if it was not made up here. */
export function realId(id: string): string | undefined {
  return id === '' || id.startsWith(prefix) ? undefined : id;
}
