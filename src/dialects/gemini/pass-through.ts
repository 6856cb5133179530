import { asObject, type JsonObject } from '../../core/json.ts';
import type { Splice } from '../../wire/splice-json.ts';
import type { EncodeTarget } from '../dialect.ts';
import { type GeminiVariant, traitsOf } from './variant.ts';
import { requestFields } from './wire.ts';

/**
 * How a Gemini caller's body may go on as it is: without the `model` that some libraries put beside the one in the path.
 * It may not go on to older and unknown models, nor where thinking is set the other generation's way, nor with
 * top-level fields in snake_case: then it is read field by field and written for the model that serves.
 */
export function passThrough(
  body: JsonObject,
  target: EncodeTarget,
  variant: Required<GeminiVariant>,
): readonly Splice[] | undefined {
  if (!Array.isArray(body.contents)) return undefined;
  for (const key in body) {
    if (key !== 'model' && !requestFields.includes(key) && !variant.requestFields.includes(key)) return undefined;
  }
  const traits = traitsOf(target.model, variant);
  const thinking = asObject(asObject(body.generationConfig)?.thinkingConfig);
  const foreignThinking = thinking !== undefined && traits.thinking !== 'level' && thinking.thinkingLevel !== undefined;
  if (!traits.jsonSchema || traits.thinking === 'none' || foreignThinking) return undefined;
  return body.model === undefined ? [] : [['model', undefined]];
}
