import { asObject, type JsonObject } from '../../core/json.ts';
import type { ChatRoute, WholeRoute } from '../personality.ts';
import { checkRequest } from './check-request.ts';
import { invalid } from './invalid.ts';
import { readPrompt } from './read-prompt.ts';

/** `:countTokens`, with contents alone or with a whole request: https://ai.google.dev/api/tokens */
export function countTokensRoute(model: string): WholeRoute {
  const route: ChatRoute = { operation: 'chat', model, stream: false, query: new URLSearchParams() };
  return {
    operation: 'count-tokens',
    model,
    refuse(request) {
      const body = asObject(request.json);
      const wrapped = asObject(body?.generateContentRequest);
      if (wrapped === undefined) return checkRequest(request, route);
      if (body?.contents !== undefined) return invalid('Only one of contents and generateContentRequest may be set.');
      if (typeof wrapped.model !== 'string') return invalid('model is required in generateContentRequest.');
      return checkRequest({ ...request, json: wrapped }, route);
    },
    answer: (body) => {
      const tokens = readPrompt(countedRequest(body), route).inputTokens;
      return { totalTokens: tokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: tokens }] };
    },
  };
}

function countedRequest(body: JsonObject): JsonObject {
  return asObject(body.generateContentRequest) ?? body;
}
