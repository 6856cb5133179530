import type { Personality, Route, WireRequest } from '../personality.ts';
import { wholeAnswer } from './answer.ts';
import { checkRequest } from './check-request.ts';
import { invokeRoute } from './embeddings.ts';
import { errorBody, inbandError, refusal, refuseCredential, retryHint } from './errors.ts';
import { eventStreamFraming } from './event-stream-framing.ts';
import { readPrompt } from './read-prompt.ts';
import { streamEvents } from './stream.ts';

/** Converse and ConverseStream of Amazon Bedrock: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html */
export const bedrockConverse: Personality = {
  dialect: 'bedrock-converse',
  pathPrefix: '/model/',
  basePath: '',
  route,
  refuseCredential,
  refuseRequest: checkRequest,
  readPrompt,
  whole: wholeAnswer,
  stream: streamEvents,
  framing: () => eventStreamFraming,
  models: (names) => ({
    modelSummaries: names.map((modelId) => ({
      modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${modelId}`,
      modelId,
      modelName: modelId,
      providerName: 'Demo',
      inputModalities: ['TEXT', 'IMAGE'],
      outputModalities: ['TEXT'],
      responseStreamingSupported: true,
      customizationsSupported: [],
      inferenceTypesSupported: ['ON_DEMAND'],
      modelLifecycle: { status: 'ACTIVE' },
    })),
  }),
  refusal,
  errorBody,
  inbandError,
  headers: (requestId) => ({ 'x-amzn-requestid': requestId }),
  retryHint,
};

/** Models are listed under a host of their own, here under the same. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ListFoundationModels.html */
function route(request: WireRequest): Route | undefined {
  const { method, path, query } = request;
  if (method === 'GET' && path === '/foundation-models') return { operation: 'models' };
  const match = /^\/model\/(.+)\/converse(-stream)?$/.exec(path);
  if (method === 'POST' && match === null) return invokeRoute(request);
  if (method !== 'POST' || match === null) return undefined;
  return { operation: 'chat', model: decoded(match[1] ?? ''), stream: match[2] !== undefined, query };
}

/** What is no encoding names no model. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}
