import type { ChatRoute, Personality, Route, StreamFraming, WireRequest } from '../personality.ts';
import { sseFraming } from '../sse-framing.ts';
import { wholeAnswer } from './answer.ts';
import { checkRequest } from './check-request.ts';
import { countTokensRoute } from './count-tokens.ts';
import { embedContentsRoute } from './embeddings.ts';
import { errorBody, inbandError, refusal, refuseCredential, retryHint } from './errors.ts';
import { jsonArrayFraming } from './json-array-framing.ts';
import { pictureRoute } from './pictures.ts';
import { predictRoute } from './predict.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';

/** Google's Gemini API: https://ai.google.dev/api/generate-content */
export const gemini: Personality = {
  dialect: 'gemini',
  pathPrefix: '/v1beta/',
  basePath: '',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing,
  models: (names) => ({
    models: names.map((name) => ({
      name: `models/${name}`,
      version: '001',
      displayName: name,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    })),
  }),
  refusal,
  errorBody,
  inbandError,
  headers: () => ({ vary: 'Origin, X-Origin, Referer', 'server-timing': 'gfet4t7; dur=12' }),
  retryHint,
};

/** The Gemini API's own path, and Vertex AI's. */
const methods =
  /^\/(?:v1beta|v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google)\/models\/(.+):(generateContent|streamGenerateContent)$/;

function route({ method, path, query }: WireRequest): Route | undefined {
  if (method === 'GET' && path === '/v1beta/models') return { operation: 'models' };
  const match = method === 'POST' ? methods.exec(path) : null;
  if (match === null) return method === 'POST' ? otherMethod(path) : undefined;
  const stream = match[2] === 'streamGenerateContent';
  const chat: ChatRoute = { operation: 'chat', model: decode(match[1] ?? ''), stream, query };
  return !stream && /^gemini-.*-image/.test(chat.model) ? pictureRoute(chat) : chat;
}

const otherMethods =
  /^\/(?:v1beta|v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/google)\/models\/(.+):([a-zA-Z]+)$/;

function otherMethod(path: string): Route | undefined {
  const match = otherMethods.exec(path);
  const model = decode(match?.[1] ?? '');
  switch (match?.[2]) {
    case 'countTokens':
      return countTokensRoute(model);
    case 'embedContent':
    case 'batchEmbedContents':
      return embedContentsRoute(model, match[2]);
    case 'predict':
      return predictRoute(model);
    default:
      return undefined;
  }
}

function decode(model: string): string {
  try {
    return decodeURIComponent(model);
  } catch {
    // A lone percent sign: the name is taken as it stands.
    return model;
  }
}

/** Events with `alt=sse`; without it one JSON array whose elements arrive one by one. */
function framing({ query }: ChatRoute): StreamFraming {
  return query.get('alt') === 'sse'
    ? sseFraming({ lineEnd: '\r\n', contentType: 'text/event-stream' })
    : jsonArrayFraming;
}
