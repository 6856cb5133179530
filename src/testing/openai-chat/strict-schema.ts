import { asArray, asObject, type JsonObject } from '../../core/json.ts';

/**
 * What strict mode finds wrong with a schema: every object closes itself and requires all it has.
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
 */
export function strictSchemaProblem(schema: JsonObject, path: readonly string[] = []): string | undefined {
  const context = `In context=(${path.map((step) => `'${step}'`).join(', ')}),`;
  const properties = Object.entries(asObject(schema.properties) ?? {});
  if (schema.type === 'object') {
    if (schema.additionalProperties !== false) {
      return `${context} 'additionalProperties' is required to be supplied and to be false.`;
    }
    const missing = properties.find(([name]) => !asArray(schema.required).includes(name))?.[0];
    if (missing !== undefined) {
      return `${context} 'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  const inner: readonly (readonly [string, unknown])[] = [...properties, ['items', schema.items]];
  for (const [name, value] of inner) {
    const below = asObject(value);
    const step = name === 'items' && value === schema.items ? ['items'] : ['properties', name];
    const problem = below === undefined ? undefined : strictSchemaProblem(below, [...path, ...step]);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
