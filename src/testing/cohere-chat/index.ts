import { asObject, asString } from '../../core/json.ts';
import type { Personality, Route, WireRequest } from '../personality.ts';
import { sseFraming } from '../sse-framing.ts';
import { wholeAnswer } from './answer.ts';
import { checkRequest } from './check-request.ts';
import { embedRoute } from './embeddings.ts';
import { errorBody, inbandError, refusal, refuseCredential, retryHint } from './errors.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';

/** Cohere's chat API, the second version: https://docs.cohere.com/reference/chat */
export const cohereChat: Personality = {
  dialect: 'cohere-chat',
  pathPrefix: '/v2/',
  basePath: '',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing: () => sseFraming({ lineEnd: '\n', contentType: 'text/event-stream' }),
  models: (names) => ({
    models: names.map((name) => ({ name, endpoints: ['chat'], finetuned: false, context_length: 256_000 })),
  }),
  refusal,
  errorBody,
  inbandError,
  headers: (requestId) => ({ 'x-debug-trace-id': requestId, 'x-endpoint-monthly-call-limit': '1000' }),
  retryHint,
};

/** The list of models stands under the path OpenAI has for its own: https://docs.cohere.com/reference/list-models */
function route({ method, path, query, json }: WireRequest): Route | undefined {
  if (method === 'GET' && path === '/v1/models') return { operation: 'models' };
  if (method === 'POST' && path === '/v2/embed') return embedRoute(asObject(json));
  if (method !== 'POST' || path !== '/v2/chat') return undefined;
  const body = asObject(json);
  return { operation: 'chat', model: asString(body?.model) ?? '', stream: body?.stream === true, query };
}
