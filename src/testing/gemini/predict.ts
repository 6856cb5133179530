import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { demoPicture } from '../demo-picture.ts';
import { demoTokens, shortenedVector } from '../demo-vectors.ts';
import { firstRefusal } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal, WholeRoute, WireRequest } from '../personality.ts';
import { invalid, refuseUnknown } from './invalid.ts';

/**
 * `:predict`, of Imagen or of Vertex AI's text embeddings: https://ai.google.dev/gemini-api/docs/imagen
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export function predictRoute(model: string): WholeRoute {
  return model.startsWith('imagen-')
    ? { operation: 'images', model, refuse: refuseImagen, answer: pictures }
    : {
        operation: 'embeddings',
        model,
        refuse: ({ json }) => refuseTexts(asObject(json) ?? {}, model),
        answer: vectors,
      };
}

const mostPictures = 4;

function refuseImagen({ json }: WireRequest): Refusal | undefined {
  const body = asObject(json) ?? {};
  const parameters = asObject(body.parameters) ?? {};
  const { sampleCount = 1, aspectRatio = '1:1' } = parameters;
  return firstRefusal([
    () => refuseUnknown(body, 'instances parameters'),
    () => refuseUnknown(parameters, 'sampleCount aspectRatio sampleImageSize outputOptions', 'parameters'),
    () => (asString(asObjects(body.instances)[0]?.prompt) ? undefined : invalid('The prompt must not be empty.')),
    () =>
      typeof sampleCount === 'number' && sampleCount >= 1 && sampleCount <= mostPictures
        ? undefined
        : invalid(`sampleCount must be between 1 and ${mostPictures}, inclusive.`),
    () =>
      /^(?:1:1|3:4|4:3|9:16|16:9)$/.test(String(aspectRatio))
        ? undefined
        : invalid(`Aspect ratio ${String(aspectRatio)} is not supported.`),
  ]);
}

function pictures(body: JsonObject): JsonObject {
  const count = asObject(body.parameters)?.sampleCount;
  const length = typeof count === 'number' ? count : 1;
  return {
    predictions: Array.from({ length }, () => ({ mimeType: 'image/png', bytesBase64Encoded: demoPicture })),
  };
}

const fullLength = 768;

function refuseTexts(body: JsonObject, model: string): Refusal | undefined {
  const instances = asArray(body.instances);
  const most = model.startsWith('gemini-embedding') ? 1 : 250;
  return firstRefusal([
    () => refuseUnknown(body, 'instances parameters'),
    () => (instances.length >= 1 && instances.length <= most ? undefined : invalid(`${most} instance(s) allowed`)),
    () =>
      instances.every((instance) => typeof asObject(instance)?.content === 'string')
        ? undefined
        : invalid('The text content is empty.'),
  ]);
}

function vectors(body: JsonObject): JsonObject {
  const wanted = asObject(body.parameters)?.outputDimensionality;
  return {
    predictions: asObjects(body.instances).map((instance) => {
      const text = asString(instance.content) ?? '';
      return {
        embeddings: {
          statistics: { truncated: false, token_count: demoTokens(text) },
          values: shortenedVector(text, fullLength, typeof wanted === 'number' ? wanted : undefined),
        },
      };
    }),
  };
}
