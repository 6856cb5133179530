import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/*
 * Models before Gemini 2.5 read a subset of OpenAPI 3.0 schemas and answer 400 to every keyword outside of it.
 *
 * https://ai.google.dev/api/caching#Schema
 */

const copiedKeywords = [
  'title',
  'description',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'propertyOrdering',
  'nullable',
];

/** Other formats are refused. */
const formats: ReadonlySet<string> = new Set(['enum', 'date-time', 'float', 'double', 'int32', 'int64']);

/** Definitions that refer to each other could grow without end when they are put in place. */
const maxNodes = 5000;
const maxDepth = 50;

interface Walk {
  readonly root: JsonObject;
  /** References that are being put in place right now. */
  readonly open: readonly string[];
  readonly depth: number;
  readonly budget: { nodes: number };
}

/** A JSON Schema in the OpenAPI subset: references put in place, recursion cut, what has no counterpart left out. */
export function toOpenApiSchema(schema: JsonObject): JsonObject {
  return convert(schema, { root: schema, open: [], depth: 0, budget: { nodes: maxNodes } });
}

function convert(value: JsonValue | undefined, above: Walk): JsonObject {
  const walk = { ...above, depth: above.depth + 1 };
  walk.budget.nodes -= 1;
  if (walk.budget.nodes <= 0 || walk.depth > maxDepth) return { type: 'object' };
  if (!isJsonObject(value)) return { type: 'string' };
  const reference = asString(value.$ref);
  if (reference !== undefined) return convertReference(value, reference, walk);
  if (value.allOf !== undefined) return convertAllOf(value, walk);
  const alternatives = value.anyOf ?? value.oneOf;
  return alternatives === undefined ? convertPlain(value, walk) : convertAlternatives(value, alternatives, walk);
}

function convertReference(schema: JsonObject, reference: string, walk: Walk): JsonObject {
  const target = walk.open.includes(reference) ? undefined : resolve(walk.root, reference);
  if (target === undefined) return { type: 'object', ...described(schema) };
  return { ...convert(target, { ...walk, open: [...walk.open, reference] }), ...described(schema) };
}

/** https://www.rfc-editor.org/rfc/rfc6901, inside the document only. */
function resolve(root: JsonObject, reference: string): JsonObject | undefined {
  if (!reference.startsWith('#')) return undefined;
  let current: JsonValue | undefined = root;
  for (const step of reference.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    const parent: JsonObject | undefined = asObject(current);
    current = parent !== undefined && Object.hasOwn(parent, key) ? parent[key] : undefined;
  }
  return asObject(current);
}

/** All of several object schemas: their properties together. */
function convertAllOf(schema: JsonObject, walk: Walk): JsonObject {
  const { allOf, ...own } = schema;
  const references = asArray(allOf).flatMap((member) => asString(asObject(member)?.$ref) ?? []);
  const members = asArray(allOf).map((member) => allOfMember(member, walk));
  const properties = [...members, own].flatMap((member) => Object.entries(asObject(member.properties) ?? {}));
  const required = [...members, own].flatMap((member) => asArray(member.required));
  const merged = {
    ...Object.assign({}, ...members),
    ...own,
    ...(properties.length > 0 && { properties: Object.fromEntries(properties) }),
    ...(required.length > 0 && { required: [...new Set(required)] }),
  };
  return convert(merged, { ...walk, open: [...walk.open, ...references] });
}

function allOfMember(value: JsonValue, walk: Walk): JsonObject {
  const member = asObject(value) ?? {};
  const reference = asString(member.$ref);
  if (reference === undefined) return member;
  return (walk.open.includes(reference) ? undefined : resolve(walk.root, reference)) ?? { type: 'object' };
}

function convertAlternatives(schema: JsonObject, alternatives: JsonValue, walk: Walk): JsonObject {
  const branches = asArray(alternatives);
  const kept = branches.filter((branch) => asObject(branch)?.type !== 'null');
  const nullable = kept.length < branches.length ? { nullable: true } : {};
  const only = kept[0];
  if (only === undefined) return convertPlain({ ...schema, anyOf: undefined, oneOf: undefined }, walk);
  if (kept.length === 1) return { ...convert(only, walk), ...described(schema), ...nullable };
  // "When using any_of, it must be the only field set."
  return { anyOf: kept.map((branch) => ({ ...convert(branch, walk), ...nullable })) };
}

function convertPlain(schema: JsonObject, walk: Walk): JsonObject {
  const types = asArray(schema.type).filter((type) => type !== 'null');
  if (types.length > 1) {
    return convertAlternatives(
      { ...schema, type: undefined },
      asArray(schema.type).map((type) => ({ ...schema, type })),
      walk,
    );
  }
  const type = typeOf(schema, types[0]);
  const nullable = asArray(schema.type).includes('null') ? { nullable: true } : {};
  return {
    type,
    ...copied(schema),
    ...nullable,
    ...convertedFormat(schema),
    ...convertedEnum(schema, type),
    ...(type === 'object' && convertedProperties(schema, walk)),
    ...(type === 'array' && { items: convert(itemsOf(schema), walk) }),
  };
}

function typeOf(schema: JsonObject, single: JsonValue | undefined): string {
  const stated = asString(single) ?? asString(schema.type);
  if (stated !== undefined) return stated.toLowerCase();
  if (schema.properties !== undefined) return 'object';
  return schema.items === undefined && schema.prefixItems === undefined ? typeOfValue(schema.const) : 'array';
}

function typeOfValue(value: JsonValue | undefined): string {
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'string';
}

function itemsOf(schema: JsonObject): JsonValue | undefined {
  return asObject(schema.items) ?? asArray(schema.prefixItems)[0] ?? asArray(schema.items)[0];
}

function copied(schema: JsonObject): JsonObject {
  const present = copiedKeywords.filter((keyword) => schema[keyword] !== undefined && schema[keyword] !== null);
  return Object.fromEntries(present.map((keyword) => [keyword, schema[keyword]]));
}

function convertedFormat({ format }: JsonObject): JsonObject {
  return typeof format === 'string' && formats.has(format) ? { format } : {};
}

/** Only strings may be enumerated, and none of them may be empty; other values are named in the description. */
function convertedEnum(schema: JsonObject, type: string): JsonObject {
  const values = schema.const === undefined ? asArray(schema.enum) : [schema.const];
  const named = values.filter((value) => value !== null && value !== '');
  if (named.length === 0) return {};
  if (type === 'string') return { enum: named.map(String) };
  const list = `One of: ${named.map((value) => JSON.stringify(value)).join(', ')}.`;
  const description = asString(schema.description);
  return { description: description === undefined ? list : `${description} ${list}` };
}

function convertedProperties(schema: JsonObject, walk: Walk): JsonObject {
  const properties = Object.entries(asObject(schema.properties) ?? {});
  if (properties.length === 0) return {};
  const names = new Set(properties.map(([name]) => name));
  const required = asArray(schema.required).filter((name) => typeof name === 'string' && names.has(name));
  return {
    properties: Object.fromEntries(properties.map(([name, property]) => [name, convert(property, walk)])),
    ...(required.length > 0 && { required }),
  };
}

function described({ description }: JsonObject): JsonObject {
  return typeof description === 'string' ? { description } : {};
}
