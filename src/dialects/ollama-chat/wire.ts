import { asNumber, type JsonObject, type JsonValue } from '../../core/json.ts';
import { ownFields } from '../own-fields.ts';
import { refusal } from '../refusal.ts';

/** https://docs.ollama.com/api/chat */
export const dialect = 'ollama-chat';

export const { ownExtensions, withExtensions } = ownFields(dialect);

/** An object under construction. */
export type MutableJson = Record<string, JsonValue | undefined>;

/** Top-level members of a request that the canonical form has a place for. */
export const canonicalMembers: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'stream',
  'tools',
  'format',
  'options',
  'think',
  'logprobs',
  'top_logprobs',
]);

/** The option that speaks to this gateway. */
export const gatewayOption = 'max_latency_ms';

/** Members that only this dialect has. https://docs.ollama.com/api/chat */
export const ownMembers: ReadonlySet<string> = new Set(['keep_alive', 'truncate', 'shift']);

/** A member that must be a number where it is given; `null` counts as not given. */
export function numberMember(object: JsonObject, key: string, place = key): number | undefined {
  const value = object[key] ?? undefined;
  if (value !== undefined && asNumber(value) === undefined) throw refusal(place, 'must be a number');
  return asNumber(value);
}

/** A member that must be true or false where it is given. */
export function booleanMember(object: JsonObject, key: string): boolean | undefined {
  const value = object[key] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw refusal(key, 'must be true or false');
  return value;
}

/** A member that must be a string where it is given. */
export function stringMember(object: JsonObject, key: string, place = key): string | undefined {
  const value = object[key] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw refusal(place, 'must be a string');
  return value;
}
