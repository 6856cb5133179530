import { GatewayError } from '../../core/errors.ts';
import { asNumber, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Extensions } from '../canonical.ts';

/** https://docs.ollama.com/api/chat */
export const dialect = 'ollama-chat';

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

/** A 400 that names the member at fault. */
export function invalidRequest(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', { param, message: `${param}: ${problem}.` });
}

/** A member that must be a number where it is given; `null` counts as not given. */
export function numberMember(object: JsonObject, key: string, place = key): number | undefined {
  const value = object[key] ?? undefined;
  if (value !== undefined && asNumber(value) === undefined) throw invalidRequest(place, 'must be a number');
  return asNumber(value);
}

/** A member that must be true or false where it is given. */
export function booleanMember(object: JsonObject, key: string): boolean | undefined {
  const value = object[key] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw invalidRequest(key, 'must be true or false');
  return value;
}

/** A member that must be a string where it is given. */
export function stringMember(object: JsonObject, key: string, place = key): string | undefined {
  const value = object[key] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw invalidRequest(place, 'must be a string');
  return value;
}

/** The members of an object that are not known and not null, which here means "not given"; nothing when there are none. */
export function givenMembers(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const entries = Object.entries(object).filter(([key, value]) => !known.has(key) && value != null);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** `extensions` with this dialect's fields, ready to be spread; nothing when there are none. */
export function withExtensions(own: JsonObject | undefined): { readonly extensions?: Extensions } {
  return own === undefined ? {} : { extensions: { [dialect]: own } };
}

/** This dialect's own extension fields. The names of all others are reported as dropped. */
export function ownExtensions(extensions: Extensions | undefined, dropped: Set<string>): JsonObject {
  for (const [name, fields] of Object.entries(extensions ?? {})) {
    if (name === dialect) continue;
    for (const key of Object.keys(fields)) dropped.add(key);
  }
  return extensions?.[dialect] ?? {};
}
