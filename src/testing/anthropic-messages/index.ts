import { asObject, asString } from '../../core/json.ts';
import type { Personality, Route, WireRequest } from '../personality.ts';
import { retryHint } from '../retry-hint.ts';
import { sseFraming } from '../sse-framing.ts';
import { wholeAnswer } from './answer.ts';
import { checkRequest } from './check-request.ts';
import { countTokensRoute } from './count-tokens.ts';
import { errorBody, inbandError, refusal, refuseCredential } from './errors.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';
import { vertexPath } from './vertex.ts';

/** Anthropic's messages API: https://docs.anthropic.com/en/api/messages */
export const anthropicMessages: Personality = {
  dialect: 'anthropic-messages',
  pathPrefix: '/v1/messages',
  basePath: '',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing: () => ({
    ...sseFraming({ lineEnd: '\n', contentType: 'text/event-stream; charset=utf-8' }),
    comment: 'event: ping\ndata: {"type":"ping"}\n\n',
  }),
  models: (names) => ({
    data: names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2025-01-01T00:00:00Z' })),
    has_more: false,
    first_id: names[0] ?? null,
    last_id: names.at(-1) ?? null,
  }),
  refusal,
  errorBody,
  inbandError,
  headers: (requestId) => ({
    'request-id': `req_${requestId}`,
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    'anthropic-ratelimit-requests-reset': '2030-01-01T00:00:00Z',
    'anthropic-ratelimit-tokens-limit': '480000',
    'anthropic-ratelimit-tokens-remaining': '479000',
    'anthropic-ratelimit-tokens-reset': '2030-01-01T00:00:00Z',
  }),
  retryHint,
};

/** Claude in Microsoft Foundry. */
const foundryPath = '/anthropic/v1/messages';

/** OpenAI lists its models under the same path, so there the version header decides. */
function route(request: WireRequest): Route | undefined {
  const { method, path, query, headers, json } = request;
  const vertex = vertexPath(request);
  if (vertex !== undefined) return { operation: 'chat', ...vertex, query };
  if (method === 'GET' && path === '/v1/models') {
    return headers['anthropic-version'] === undefined ? undefined : { operation: 'models' };
  }
  const body = asObject(json);
  if (method === 'POST' && path === '/v1/messages/count_tokens') return countTokensRoute(body);
  if (method !== 'POST' || (path !== '/v1/messages' && path !== foundryPath)) return undefined;
  return { operation: 'chat', model: asString(body?.model) ?? '', stream: body?.stream === true, query };
}
