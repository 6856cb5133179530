import { asArray, isJsonObject, type JsonObject } from '../core/json.ts';

/** The objects of an array; other elements are left out. */
export function asObjects(value: unknown): readonly JsonObject[] {
  return asArray(value).filter(isJsonObject);
}

/** The strings of an array; other elements are left out. */
export function asStrings(value: unknown): readonly string[] {
  return asArray(value).filter((element) => typeof element === 'string');
}
