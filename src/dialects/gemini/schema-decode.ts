import { asArray, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/** The OpenAPI subset as JSON Schema: types in lower case, `nullable` as a type. Everything else means the same. */
export function fromOpenApiSchema(schema: JsonObject): JsonObject {
  const { nullable, ...rest } = schema;
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]): [string, JsonValue | undefined] => {
      switch (key) {
        case 'type':
          return [key, jsonSchemaType(value, nullable === true)];
        case 'items':
          return [key, isJsonObject(value) ? fromOpenApiSchema(value) : value];
        case 'anyOf':
          return [key, asArray(value).map((branch) => (isJsonObject(branch) ? fromOpenApiSchema(branch) : branch))];
        case 'properties':
          return [key, fromOpenApiProperties(value)];
        default:
          return [key, value];
      }
    }),
  );
}

/** Types in the order of their numbers. https://ai.google.dev/api/caching#Type */
const numberedTypes = [undefined, 'string', 'number', 'integer', 'boolean', 'array', 'object', 'null'];

function jsonSchemaType(type: JsonValue | undefined, nullable: boolean): JsonValue | undefined {
  const name = typeof type === 'number' ? numberedTypes[type] : type;
  if (typeof name !== 'string') return type;
  return nullable ? [name.toLowerCase(), 'null'] : name.toLowerCase();
}

function fromOpenApiProperties(value: JsonValue | undefined): JsonValue | undefined {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, property]) => [
      name,
      isJsonObject(property) ? fromOpenApiSchema(property) : property,
    ]),
  );
}
