import type { ImageFormat } from '../format.ts';
import { encodeRequest, passThrough } from './request.ts';
import { decodeAnswer } from './response.ts';
import { type ImageModelRule, openaiImageModels } from './variant.ts';

export { openaiImageCaller } from './caller.ts';
export { withImageStream } from './stream.ts';
export type { ImageModelRule } from './variant.ts';

/**
 * OpenAI's images (https://platform.openai.com/docs/api-reference/images), and through `rules` everything that is
 * modelled on them.
 */
export function openaiImages(rules: readonly ImageModelRule[] = openaiImageModels): ImageFormat {
  return {
    name: 'openai',
    encode: (request, target) => encodeRequest(request, target, rules),
    decode: decodeAnswer,
    passThrough: (body, target) => passThrough(body, target, rules),
  };
}
