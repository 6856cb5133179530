import { asObject, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { invalid, refuseUnknown } from './invalid.ts';

/** The part of OpenAPI 3 that Gemini takes as a schema: https://ai.google.dev/api/caching#Schema */
const fields =
  'type format title description nullable enum maxItems minItems properties required minProperties maxProperties ' +
  'minLength maxLength pattern example anyOf propertyOrdering default items minimum maximum';

/** @param where path in snake case, as the message names it */
export function checkSchema(schema: JsonObject, where: string): Refusal | undefined {
  return firstRefusal([
    () => refuseUnknown(schema, fields, where),
    () => checkType(schema, where),
    () =>
      refuseAny(Object.entries(asObject(schema.properties) ?? {}), ([, value], index) =>
        checkSchema(asObject(value) ?? {}, `${where}.properties[${index}].value`),
      ),
    () => refuseAny(asObjects([schema.items]), (value) => checkSchema(value, `${where}.items`)),
    () => refuseAny(asObjects(schema.anyOf), (value, index) => checkSchema(value, `${where}.any_of[${index}]`)),
  ]);
}

const types = ['TYPE_UNSPECIFIED', 'STRING', 'NUMBER', 'INTEGER', 'BOOLEAN', 'ARRAY', 'OBJECT', 'NULL'];

function checkType({ type }: JsonObject, where: string): Refusal | undefined {
  // Protobuf's JSON takes an enum's number as well as its name.
  if (type === undefined || Number.isInteger(type)) return undefined;
  if (Array.isArray(type)) {
    return invalid(
      `Invalid JSON payload received. Unknown name "type" at '${where}': Proto field is not repeating, cannot start list.`,
    );
  }
  if (typeof type === 'string' && types.includes(type.toUpperCase())) return undefined;
  return invalid(
    `Invalid value at '${where}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), ${JSON.stringify(type)}`,
  );
}
