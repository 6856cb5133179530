import type { JsonObject } from '../../core/json.ts';

/**
 * One event. Cohere's own clients stop reading at an event that has `[DONE]` anywhere in it, so in a text it is written
 * in another way that means the same.
 */
export function frame(type: string, fields: JsonObject): string {
  const data = JSON.stringify({ type, ...fields }).replaceAll('[DONE]', '\\u005bDONE]');
  return `event: ${type}\ndata: ${data}\n\n`;
}
