import { asObject, asString } from '../../core/json.ts';
import type { ChatRoute, Personality, Route, WireRequest } from '../personality.ts';
import { sseFraming } from '../sse-framing.ts';
import { wholeAnswer } from './answer.ts';
import { azurePath } from './azure.ts';
import { checkRequest } from './check-request.ts';
import { embeddingsRoute } from './embeddings.ts';
import { errorBody, inbandError, refusal, refuseCredential, retryHint } from './errors.ts';
import { featureExtractionRoute } from './feature-extraction.ts';
import { imagesRoute } from './images.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';

/** OpenAI's chat completions: https://platform.openai.com/docs/api-reference/chat, also under Azure's paths. */
export const openaiChat: Personality = {
  dialect: 'openai-chat',
  pathPrefix: '/v1/',
  basePath: '/v1',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing: () => sseFraming({ lineEnd: '\n', contentType: 'text/event-stream; charset=utf-8' }),
  models: (names) => ({
    object: 'list',
    data: names.map((id) => ({ id, object: 'model', created: 1_700_000_000, owned_by: 'demo' })),
  }),
  refusal,
  errorBody,
  inbandError,
  headers: (requestId) => ({
    'x-request-id': `req_${requestId}`,
    'openai-version': '2020-10-01',
    'openai-processing-ms': '12',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-limit-tokens': '2000000',
    'x-ratelimit-remaining-tokens': '1999900',
    'x-ratelimit-reset-tokens': '3ms',
  }),
  retryHint,
};

function route(request: WireRequest): Route | undefined {
  if (request.method === 'GET' && request.path === '/v1/models') return { operation: 'models' };
  const whole = request.method === 'POST' ? wholeRoute(request) : undefined;
  if (whole !== undefined) return whole;
  const azure = azurePath(request);
  if (request.method !== 'POST' || (azure === undefined && request.path !== '/v1/chat/completions')) return undefined;
  return chatRoute(request, azure?.deployment);
}

function wholeRoute(request: WireRequest): Route | undefined {
  return embeddingsRoute(request) ?? imagesRoute(request) ?? featureExtractionRoute(request);
}

function chatRoute({ json, query }: WireRequest, deployment: string | undefined): ChatRoute {
  const body = asObject(json);
  const model = deployment ?? asString(body?.model) ?? '';
  return { operation: 'chat', model, stream: body?.stream === true, query };
}
