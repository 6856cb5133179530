import type { JsonObject } from '../../core/json.ts';
import type { Refusal } from '../personality.ts';
import { camelCase } from './camel-case.ts';

/** A 400 in Google's form. */
export function invalid(message: string): Refusal {
  return { status: 400, type: 'INVALID_ARGUMENT', message };
}

/**
 * Protobuf's JSON has no place for a field it does not know.
 *
 * @param known names separated by spaces, in camel case
 * @param where path of the object in snake case, empty for the body
 */
export function refuseUnknown(object: JsonObject, known: string, where = ''): Refusal | undefined {
  const names = known.split(' ');
  const unknown = Object.keys(object).find((key) => !names.includes(camelCase(key)));
  if (unknown === undefined) return undefined;
  const place = where === '' ? '' : ` at '${where}'`;
  const description = `Invalid JSON payload received. Unknown name "${unknown}"${place}: Cannot find field.`;
  const violation = { ...(where !== '' && { field: where }), description };
  return {
    ...invalid(description),
    details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [violation] }],
  };
}
