import { asArray, asObject, type JsonObject } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { type CohereVariant, thinks } from './variant.ts';
import { requestKeys } from './wire.ts';

/**
 * How a caller's body may go on as it is: with the target's name of the model. It may not where the API does not know a
 * top-level key, and where thinking was written for another model than the target; for the very model it names, the API
 * is the better judge.
 */
export function passThrough(
  body: JsonObject,
  target: EncodeTarget,
  variant: CohereVariant,
): readonly Splice[] | undefined {
  if (!Array.isArray(body.messages)) return undefined;
  for (const key in body) {
    if (!requestKeys.has(key)) return undefined;
  }
  if (body.model === target.model) return [];
  if (!thinks(target.model, variant) && (body.thinking != null || asArray(body.messages).some(holdsThinking))) {
    return undefined;
  }
  return [['model', JSON.stringify(target.model)]];
}

function holdsThinking(message: unknown): boolean {
  return asArray(asObject(message)?.content).some((part) => asObject(part)?.type === 'thinking');
}
