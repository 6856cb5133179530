import { asObject, asString } from '../../core/json.ts';
import type { Personality, Route, WireRequest } from '../personality.ts';
import { wholeAnswer } from './answer.ts';
import { checkRequest } from './check-request.ts';
import { embedRoute } from './embeddings.ts';
import { errorBody, inbandError, refusal, refuseCredential, retryHint } from './errors.ts';
import { ndjsonFraming } from './ndjson-framing.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';

/** Ollama's own chat: https://docs.ollama.com/api/chat */
export const ollamaChat: Personality = {
  dialect: 'ollama-chat',
  pathPrefix: '/api/',
  basePath: '',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing: () => ndjsonFraming,
  models: (names) => ({
    models: names.map((name) => ({
      name,
      model: name,
      modified_at: '2025-01-01T00:00:00Z',
      size: 3_825_819_519,
      digest: 'fe938a131f40e6f6d40083c9f0f430a515233eb2edaa6d72eb85c50d64f2300e',
      details: {
        parent_model: '',
        format: 'gguf',
        family: 'demo',
        families: ['demo'],
        parameter_size: '7B',
        quantization_level: 'Q4_0',
      },
    })),
  }),
  refusal,
  errorBody,
  inbandError,
  headers: () => ({}),
  retryHint,
};

/** A stream is what comes unasked. */
function route({ method, path, query, json }: WireRequest): Route | undefined {
  if (method === 'GET' && path === '/api/tags') return { operation: 'models' };
  if (method === 'POST' && path === '/api/embed') return embedRoute(asObject(json));
  if (method !== 'POST' || path !== '/api/chat') return undefined;
  const body = asObject(json);
  return { operation: 'chat', model: asString(body?.model) ?? '', stream: body?.stream !== false, query };
}
