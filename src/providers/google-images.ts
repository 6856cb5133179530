import { geminiImages } from '../dialects/images/gemini/index.ts';
import { imagenImages } from '../dialects/images/imagen/index.ts';
import type { ImageEndpoint } from './endpoint.ts';

/**
 * Google's models that make pictures, on the Gemini API and on Vertex AI.
 *
 * @param modelPath path of a model of Google's below the base URL, without a method
 */
export function googleImages(modelPath: (model: string) => string): readonly ImageEndpoint[] {
  return [
    // https://ai.google.dev/gemini-api/docs/imagen: `sampleCount` is 1 to 4.
    {
      format: imagenImages(),
      models: /^imagen-/,
      path: (model) => `${modelPath(model)}:predict`,
      picturesPerRequest: 4,
    },
    {
      format: geminiImages(),
      models: /-image/,
      path: (model) => `${modelPath(model)}:generateContent`,
      picturesPerRequest: 1,
    },
  ];
}
