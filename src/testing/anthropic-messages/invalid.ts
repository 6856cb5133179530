import type { JsonObject } from '../../core/json.ts';
import type { Refusal } from '../personality.ts';

/** A 400 in Anthropic's form. */
export function invalid(message: string): Refusal {
  return { status: 400, message };
}

/**
 * Anthropic accepts no field it does not know, on any level.
 *
 * @param known names separated by spaces
 * @param where path of the object, empty for the body
 */
export function refuseExtra(object: JsonObject, known: string, where = ''): Refusal | undefined {
  const names = known.split(' ');
  const extra = Object.keys(object).find((key) => !names.includes(key));
  if (extra === undefined) return undefined;
  return invalid(`${where === '' ? extra : `${where}.${extra}`}: Extra inputs are not permitted`);
}
