import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { asObjects } from '../json-lists.ts';

/**
 * Protobuf's JSON accepts `generation_config` for `generationConfig`. Only the names of one object change; what lies
 * below is left as it is, because schemas and arguments hold names of the caller's own.
 *
 * https://protobuf.dev/programming-guides/json/
 */
export function camelCaseKeys(value: unknown): JsonObject | undefined {
  return isJsonObject(value) ? rename(value) : undefined;
}

/** The same for every object of an array. */
export function camelCaseItems(value: unknown): readonly JsonObject[] {
  return asObjects(value).map(rename);
}

function rename(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, member]) => [camelCase(key), member]));
}

export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
