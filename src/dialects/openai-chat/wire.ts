import { GatewayError } from '../../core/errors.ts';
import { asNumber, type JsonObject, type JsonValue } from '../../core/json.ts';

/** An object under construction. */
export type MutableJson = Record<string, JsonValue | undefined>;

/** An object for members named by the network: without a prototype, so that `__proto__` is a name like any other. */
export function emptyObject(): MutableJson {
  return Object.create(null);
}

/** A 400 that names the member at fault, as OpenAI's API does. */
export function invalidRequest(param: string, problem: string): GatewayError {
  return new GatewayError('invalid_request', { param, message: `Invalid '${param}': ${problem}.` });
}

/** A member that must be a number where it is given; `null` counts as not given. */
export function numberMember(body: JsonObject, key: string): number | undefined {
  const value = body[key] ?? undefined;
  if (value !== undefined && asNumber(value) === undefined) throw invalidRequest(key, 'must be a number');
  return asNumber(value);
}

/** A member that must be true or false where it is given. */
export function booleanMember(body: JsonObject, key: string): boolean | undefined {
  const value = body[key] ?? undefined;
  if (value !== undefined && typeof value !== 'boolean') throw invalidRequest(key, 'must be true or false');
  return value;
}

/** A member that must be a string where it is given. */
export function stringMember(body: JsonObject, key: string): string | undefined {
  const value = body[key] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw invalidRequest(key, 'must be a string');
  return value;
}

/** A value's JSON text, for places where providers send an object instead of the string the API asks for. */
export function jsonText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}
