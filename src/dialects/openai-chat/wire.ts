import { GatewayError } from '../../core/errors.ts';
import { asNumber, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/** The members of an object that are not named; `undefined` when there are none. */
export function otherMembers(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let others: [string, JsonValue][] | undefined;
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (known.has(key) || value === undefined) continue;
    others ??= [];
    others.push([key, value]);
  }
  // fromEntries defines members, so that a key like `__proto__` stays an ordinary one.
  return others === undefined ? undefined : Object.fromEntries(others);
}

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

/** The object in a JSON text, or `undefined` for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A value's JSON text, for places where providers send an object instead of the string the API asks for. */
export function jsonText(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Whether a JSON text nests deeper than `limit`. `JSON.parse` takes any depth, `JSON.stringify` and everything recursive
 * do not; so nothing deeper may come in. Texts too short for it are not looked at.
 */
export function isNestedBeyond(text: string, limit: number): boolean {
  if (text.length <= limit) return false;
  let depth = 0;
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === BACKSLASH) index += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) {
      inString = true;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
    }
  }
  return false;
}
