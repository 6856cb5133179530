import {
  asArray,
  asNumber,
  asObject,
  asString,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../../core/json.ts';

const maximumDepth = 8;

/**
 * A small value that satisfies a JSON Schema, the same one every time. Reads Gemini's upper-case types too.
 *
 * @param text stands wherever the schema asks for free text
 */
export function sampleSchema(schema: JsonObject, text: string): JsonValue {
  return sample(schema, { root: schema, text, depth: 0 });
}

interface Context {
  readonly root: JsonObject;
  readonly text: string;
  readonly depth: number;
}

function sample(schema: JsonObject, context: Context): JsonValue {
  if (context.depth > maximumDepth) return null;
  if (schema.const !== undefined) return schema.const;
  const choice = asArray(schema.enum)[0];
  if (choice !== undefined) return choice;
  const alternative = asArray(schema.anyOf ?? schema.oneOf ?? schema.allOf).find(isJsonObject);
  if (alternative !== undefined) return sample(alternative, deeper(context));
  const referenced = resolve(schema, context.root);
  if (referenced !== undefined) return sample(referenced, deeper(context));
  return sampleType(schema, context);
}

function sampleType(schema: JsonObject, context: Context): JsonValue {
  switch (typeName(schema)) {
    case 'object':
      return sampleObject(schema, context);
    case 'array':
      return sampleArray(schema, context);
    case 'integer':
    case 'number':
      return asNumber(schema.minimum) ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return context.text.slice(0, asNumber(schema.maxLength) ?? context.text.length);
  }
}

function sampleObject(schema: JsonObject, context: Context): JsonObject {
  const properties = Object.entries(asObject(schema.properties) ?? {});
  return Object.fromEntries(properties.map(([name, value]) => [name, sample(asObject(value) ?? {}, deeper(context))]));
}

function sampleArray(schema: JsonObject, context: Context): JsonValue {
  const length = Math.max(1, asNumber(schema.minItems) ?? 1);
  return Array.from({ length }, () => sample(asObject(schema.items) ?? {}, deeper(context)));
}

/** The first type of the list, in lower case; guessed from the other keywords where it is absent. */
function typeName(schema: JsonObject): string {
  const { type } = schema;
  const first = Array.isArray(type) ? asString(type.find((one) => one !== 'null')) : asString(type);
  if (first !== undefined) return first.toLowerCase();
  return asObject(schema.properties) === undefined ? 'string' : 'object';
}

function resolve(schema: JsonObject, root: JsonObject): JsonObject | undefined {
  const path = asString(schema.$ref)?.replace(/^#\/?/, '').split('/');
  let current: JsonValue | undefined = path === undefined ? undefined : root;
  for (const key of path ?? []) {
    if (key !== '') current = asObject(current)?.[key];
  }
  return asObject(current);
}

function deeper(context: Context): Context {
  return { ...context, depth: context.depth + 1 };
}
