import { asObject, asString } from '../../core/json.ts';
import { errorBody, refuseCredential, retryHint } from '../openai-chat/errors.ts';
import { openaiChat } from '../openai-chat/index.ts';
import type { Personality, Route, WireRequest } from '../personality.ts';
import { sseFraming } from '../sse-framing.ts';
import { wholeAnswer } from './answer.ts';
import { checkRequest } from './check-request.ts';
import { inbandError, refusal } from './errors.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';

/** OpenAI's Responses API: https://platform.openai.com/docs/api-reference/responses, also under Azure's path. */
export const openaiResponses: Personality = {
  dialect: 'openai-responses',
  pathPrefix: '/v1/responses',
  basePath: '/v1',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing: () => sseFraming({ lineEnd: '\n', contentType: 'text/event-stream; charset=utf-8' }),
  models: openaiChat.models,
  refusal,
  errorBody,
  inbandError,
  headers: openaiChat.headers,
  retryHint,
};

const paths: readonly string[] = ['/v1/responses', '/openai/v1/responses'];

function route({ method, path, json, query }: WireRequest): Route | undefined {
  if (method === 'GET' && path === '/v1/models') return { operation: 'models' };
  if (method !== 'POST' || !paths.includes(path)) return undefined;
  const body = asObject(json);
  return { operation: 'chat', model: asString(body?.model) ?? '', stream: body?.stream === true, query };
}
