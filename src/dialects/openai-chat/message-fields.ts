import { asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Part } from '../canonical.ts';
import { emptyObject } from './wire.ts';

/*
 * Members of an assistant's message that the canonical form does not know and that add up in a stream: they travel as
 * extension parts `{member: value}`. Parts of `content` that only this dialect knows have a `type` instead.
 */

/** Members whose pieces in a stream add up: arrays grow, the strings in `audio` are joined. */
export const cumulativeFields: ReadonlySet<string> = new Set(['annotations', 'audio', 'images', 'executed_tools']);

/** The members that the extension parts of a message hold, pieces put together. */
export function messageFields(parts: readonly Part[]): JsonObject {
  const fields = emptyObject();
  for (const part of parts) {
    if (part.type !== 'extension' || part.dialect !== 'openai-chat' || typeof part.data.type === 'string') continue;
    for (const [key, value] of Object.entries(part.data)) fields[key] = joined(fields[key], value);
  }
  return fields;
}

function joined(before: JsonValue | undefined, more: JsonValue | undefined): JsonValue | undefined {
  if (Array.isArray(before) && Array.isArray(more)) return [...before, ...more];
  return isJsonObject(before) && isJsonObject(more) ? joinedAudio(before, more) : more;
}

/** Data and transcript come in pieces, id and expiry once: https://platform.openai.com/docs/guides/audio */
function joinedAudio(before: JsonObject, more: JsonObject): JsonObject {
  const text = (key: string): JsonObject => {
    const first = asString(before[key]);
    const second = asString(more[key]);
    return first === undefined || second === undefined ? {} : { [key]: first + second };
  };
  return { ...before, ...more, ...text('data'), ...text('transcript') };
}
