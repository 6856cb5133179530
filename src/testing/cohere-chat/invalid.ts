import type { JsonObject } from '../../core/json.ts';
import type { Refusal } from '../personality.ts';

/** A 400 in Cohere's form. */
export function invalid(message: string): Refusal {
  return { status: 400, message: `invalid request: ${message}` };
}

/**
 * Cohere accepts no field it does not know.
 *
 * @param known names separated by spaces
 */
export function refuseExtra(object: JsonObject, known: string): Refusal | undefined {
  const names = known.split(' ');
  const extra = Object.keys(object).find((key) => !names.includes(key));
  if (extra === undefined) return undefined;
  return { status: 400, message: `unknown field: parameter '${extra}' is not a valid field` };
}
