import type { JsonObject, JsonValue } from '../core/json.ts';

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

/** The members of an object that are not named and not null, which here means "not given"; `undefined` for none. */
export function givenMembers(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  const entries = Object.entries(object).filter(([key, value]) => !known.has(key) && value != null);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
