import type { JsonObject } from '../../core/json.ts';
import type { Refusal } from '../personality.ts';

/** A 400 in Bedrock's form. */
export function invalid(message: string): Refusal {
  return { status: 400, type: 'ValidationException', message };
}

/**
 * Bedrock accepts no member it does not know.
 *
 * @param known names separated by spaces
 */
export function refuseExtra(object: JsonObject, known: string, where: string): Refusal | undefined {
  const names = known.split(' ');
  const extra = Object.keys(object).find((key) => !names.includes(key));
  return extra === undefined
    ? undefined
    : invalid(
        `Malformed input request: ${where}: extraneous key [${extra}] is not permitted, please reformat your input and try again.`,
      );
}
