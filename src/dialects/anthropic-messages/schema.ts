import { asArray, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/*
 * What structured outputs and strict tools take of JSON Schema, by
 * https://platform.claude.com/docs/en/build-with-claude/structured-outputs#json-schema-limitations
 */

/** Keywords answered with a 400 wherever they stand. */
const unsupported: ReadonlySet<string> = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'maxItems',
  'uniqueItems',
  'contains',
  'minContains',
  'maxContains',
  'prefixItems',
  'unevaluatedItems',
  'minProperties',
  'maxProperties',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'dependentRequired',
  'dependentSchemas',
  'not',
  'if',
  'then',
  'else',
]);

const formats: ReadonlySet<string> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** Keywords whose members are schemas by name, lists of schemas, and schemas. */
const mapsOfSchemas: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const listsOfSchemas: ReadonlySet<string> = new Set(['anyOf', 'allOf', 'oneOf']);

/** Look-around, back references and word boundaries are outside the supported patterns. */
const unsupportedPattern = /\(\?[=!<]|\\[1-9bB]/;

export interface CleanedSchema {
  readonly schema: JsonObject;
  /** Whether the schema now allows more, or less, than it did. */
  readonly changed: boolean;
}

/**
 * A schema within the documented limits. What is taken out goes into the description, where the model still reads it;
 * objects are closed, as the API wants them. A schema that keeps to the limits comes out as it is.
 */
export function cleanSchema(schema: JsonObject): CleanedSchema {
  const changes = { changed: false };
  return { schema: clean(schema, changes), changed: changes.changed };
}

function clean(schema: JsonObject, changes: { changed: boolean }): JsonObject {
  const kept: [string, JsonValue | undefined][] = [];
  const removed: [string, JsonValue | undefined][] = [];
  for (const [key, value] of Object.entries(schema)) {
    const isSecondChoice = key === 'oneOf' && schema.anyOf !== undefined;
    if (isSecondChoice || isUnsupported(key, value)) removed.push([key, value]);
    else kept.push([key === 'oneOf' ? 'anyOf' : key, cleanMember(key, value, changes)]);
  }
  if (isOpenObject(schema)) kept.push(['additionalProperties', false]);
  if (removed.length > 0) changes.changed = true;
  const limits = removed.filter(([key]) => key !== 'additionalProperties');
  return Object.fromEntries(limits.length === 0 ? kept : described(kept, limits));
}

function isUnsupported(key: string, value: JsonValue | undefined): boolean {
  if (unsupported.has(key)) return true;
  if (key === 'minItems') return value !== 0 && value !== 1;
  if (key === 'format') return typeof value !== 'string' || !formats.has(value);
  if (key === 'pattern') return typeof value !== 'string' || unsupportedPattern.test(value);
  return key === 'additionalProperties' && value !== false;
}

function isOpenObject(schema: JsonObject): boolean {
  const isObject = schema.type === 'object' || isJsonObject(schema.properties);
  return isObject && schema.additionalProperties !== false;
}

function cleanMember(key: string, value: JsonValue | undefined, changes: { changed: boolean }): JsonValue | undefined {
  if (mapsOfSchemas.has(key) && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, cleanValue(schema, changes)]));
  }
  if (listsOfSchemas.has(key)) return asArray(value).map((schema) => cleanValue(schema, changes) ?? null);
  return key === 'items' ? cleanValue(value, changes) : value;
}

function cleanValue(value: JsonValue | undefined, changes: { changed: boolean }): JsonValue | undefined {
  return isJsonObject(value) ? clean(value, changes) : value;
}

function described(
  kept: readonly [string, JsonValue | undefined][],
  limits: readonly [string, JsonValue | undefined][],
): [string, JsonValue | undefined][] {
  const note = `Limits: ${limits.map(([key, value]) => `${key} ${JSON.stringify(value)}`).join(', ')}`;
  const description = kept.find(([key]) => key === 'description')?.[1];
  const text = typeof description === 'string' ? `${description}\n${note}` : note;
  return [...kept.filter(([key]) => key !== 'description'), ['description', text]];
}

/** Whether a schema refers to itself, which structured outputs do not take. */
export function isRecursive(schema: JsonObject): boolean {
  const definitions = new Map<string, JsonValue | undefined>();
  for (const keyword of ['$defs', 'definitions']) {
    const named = schema[keyword];
    if (!isJsonObject(named)) continue;
    for (const [name, definition] of Object.entries(named)) definitions.set(`#/${keyword}/${name}`, definition);
  }
  if (references(schema).has('#')) return true;
  return [...definitions.keys()].some((reference) => reaches(reference, definitions));
}

/** Whether following references from a definition leads back to it. */
function reaches(target: string, definitions: ReadonlyMap<string, JsonValue | undefined>): boolean {
  const seen = new Set<string>();
  const open = [target];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const reference of references(definitions.get(next))) {
      if (reference === target) return true;
      if (!seen.has(reference)) open.push(reference);
      seen.add(reference);
    }
  }
  return false;
}

/** Every `$ref` in a schema. */
function references(schema: JsonValue | undefined, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) {
    for (const member of asArray(schema)) references(member, found);
  } else if (isJsonObject(schema)) {
    if (typeof schema.$ref === 'string') found.add(schema.$ref);
    for (const member of Object.values(schema)) references(member, found);
  }
  return found;
}
