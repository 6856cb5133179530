import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { demoPicture } from '../demo-picture.ts';
import { demoTokens } from '../demo-vectors.ts';
import type { ChatRoute, WholeRoute } from '../personality.ts';
import { checkRequest } from './check-request.ts';

/** A model that answers a chat with a picture: https://ai.google.dev/gemini-api/docs/image-generation */
export function pictureRoute(route: ChatRoute): WholeRoute {
  return { operation: 'images', model: route.model, refuse: (request) => checkRequest(request, route), answer };
}

function answer(body: JsonObject): JsonObject {
  const prompt = asString(asObject(asArray(asObject(asArray(body.contents)[0])?.parts)[0])?.text) ?? '';
  const input = demoTokens(prompt);
  return {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [{ text: 'Here it is.' }, { inlineData: { mimeType: 'image/png', data: demoPicture } }],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata: { promptTokenCount: input, candidatesTokenCount: 1290, totalTokenCount: input + 1290 },
    modelVersion: 'demo',
  };
}
