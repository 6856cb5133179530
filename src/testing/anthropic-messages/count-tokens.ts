import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { ChatRoute, WholeRoute } from '../personality.ts';
import { checkRequest } from './check-request.ts';
import { invalid } from './invalid.ts';
import { readPrompt } from './read-prompt.ts';

/** What belongs to an answer is not counted: https://docs.anthropic.com/en/api/messages-count-tokens */
const answerFields = ['max_tokens', 'stream', 'stop_sequences', 'temperature', 'top_p', 'top_k', 'metadata'];

/** `POST /v1/messages/count_tokens` */
export function countTokensRoute(body: JsonObject | undefined): WholeRoute {
  const route: ChatRoute = {
    operation: 'chat',
    model: asString(body?.model) ?? '',
    stream: false,
    query: new URLSearchParams(),
  };
  return {
    operation: 'count-tokens',
    model: route.model,
    refuse(request) {
      const extra = answerFields.find((field) => body !== undefined && field in body);
      if (extra !== undefined) return invalid(`${extra}: Extra inputs are not permitted`);
      return checkRequest({
        ...request,
        json: request.json === undefined ? undefined : asMessage(asObject(request.json)),
      });
    },
    answer: (counted) => ({ input_tokens: readPrompt(asMessage(counted), route).inputTokens }),
  };
}

function asMessage(body: JsonObject | undefined): JsonObject {
  return { ...body, max_tokens: 1 };
}
