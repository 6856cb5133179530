import type { JsonValue } from '../../src/core/json.ts';

/** Whether a value can be a number of tokens. */
export function isCount(value: JsonValue | undefined): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** What a JSON text says; `undefined` for one that is none. */
export function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
