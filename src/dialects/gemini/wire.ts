import { asObject, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Extensions, Opaque } from '../canonical.ts';

/** Fields of a GenerateContentRequest of the Gemini API. https://ai.google.dev/api/generate-content#request-body */
export const requestFields: readonly string[] = [
  'contents',
  'systemInstruction',
  'tools',
  'toolConfig',
  'safetySettings',
  'generationConfig',
  'cachedContent',
  'serviceTier',
  'store',
];

/**
 * An object as requests may spell it, in the one spelling we read: Google takes every field in camelCase and in
 * snake_case, and null for "not set".
 *
 * https://protobuf.dev/programming-guides/json/
 */
export function wireObject(value: unknown): JsonObject | undefined {
  const object = asObject(value);
  if (object === undefined) return undefined;
  for (const key in object) {
    if (object[key] === null || key.includes('_')) return respelt(object);
  }
  return object;
}

function respelt(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object)
      .filter(([, value]) => value !== null)
      .map(([key, value]) => [key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

/** The value as a list: Google's JSON parser takes a single element for a list of one. */
export function wireList(value: JsonValue | undefined): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  return asObject(value) === undefined ? [] : [value ?? null];
}

/** The objects of a list; anything else in it is skipped. */
export function wireObjects(value: JsonValue | undefined): readonly JsonObject[] {
  return wireList(value).filter(isJsonObject);
}

/** `extensions` for a canonical object, or nothing to spread. */
export function geminiExtensions(...data: readonly (JsonObject | undefined)[]): { readonly extensions?: Extensions } {
  const present = data.filter((fields) => fields !== undefined && Object.keys(fields).length > 0);
  return present.length === 0 ? {} : { extensions: { gemini: Object.assign({}, ...present) } };
}

/** A wire object with the fields that only Gemini has put back; what we wrote ourselves stands, one level deep. */
export function withExtension(own: JsonObject, extension: JsonObject | undefined): JsonObject {
  if (extension === undefined) return own;
  const joined: Record<string, JsonValue | undefined> = { ...extension, ...own };
  for (const key in extension) {
    const written = asObject(own[key]);
    const kept = asObject(extension[key]);
    if (written !== undefined && kept !== undefined) joined[key] = { ...kept, ...written };
  }
  return joined;
}

/** https://ai.google.dev/gemini-api/docs/thought-signatures */
export function signatureOf(part: JsonObject): { readonly signature?: Opaque } {
  const value = part.thoughtSignature;
  return typeof value === 'string' && value !== '' ? { signature: { dialect: 'gemini', value } } : {};
}

/** The wire field of a signature that came from Gemini; nothing for those of other dialects, which it would refuse. */
export function thoughtSignature(signature: Opaque | undefined): JsonObject {
  return signature?.dialect === 'gemini' ? { thoughtSignature: signature.value } : {};
}
