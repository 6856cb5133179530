import { asArray, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount, type Usage } from '../../../core/usage.ts';
import type { Splice } from '../../../wire/splice-json.ts';
import type { EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import { decodeInBandError } from '../../openai-chat/error.ts';
import { isGatewayMember } from '../../request-members.ts';
import type { DecodedEmbeddings, EmbeddingFormat, InspectedEmbeddings } from '../format.ts';
import { refuseNativeOnly, textsOf } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { fromLists, noVector } from '../vectors.ts';

export { ollamaEmbeddingCaller } from './caller.ts';

/** Ollama's own embeddings: https://docs.ollama.com/api/embed */
export function ollamaEmbeddings(): EmbeddingFormat {
  return { name: 'ollama', encode, decode, passThrough: { request: passThrough, answer: inspect } };
}

function encode(request: EmbeddingRequest, { model }: EncodeTarget): EncodedRequest {
  refuseNativeOnly(request);
  const { dimensions, truncate, others = {} } = request;
  const { options, keep_alive: keepAlive, ...rest } = others;
  return {
    body: {
      model,
      input: textsOf(request),
      // It cuts in silence unless it is told not to; the end is all it can cut.
      truncate: truncate === 'end',
      ...(dimensions !== undefined && { dimensions }),
      ...(options !== undefined && { options }),
      ...(keepAlive !== undefined && { keep_alive: keepAlive }),
    },
    dropped: inexpressible({ ...request, others: rest }, [
      'dimensions',
      ...(truncate === 'start' ? [] : (['truncate'] as const)),
    ]),
  };
}

function decode(body: JsonValue): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const fault = decodeInBandError(body);
  if (fault !== undefined) return { fault };
  const usage = decodeUsage(body);
  return { answer: { vectors: fromLists(body.embeddings), ...(usage !== undefined && { usage }) } };
}

function inspect(body: JsonValue): InspectedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const fault = decodeInBandError(body);
  if (fault !== undefined) return { fault };
  return { vectors: asArray(body.embeddings).length, asAsked: true, usage: decodeUsage(body) };
}

function decodeUsage({ prompt_eval_count: count }: JsonObject): Usage | undefined {
  const inputTokens = tokenCount(count);
  return inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0 };
}

function passThrough(body: JsonObject, { model }: EncodeTarget): readonly Splice[] | undefined {
  const ours = Object.entries(body).flatMap(([key, value]): Splice[] =>
    isGatewayMember(key, value) ? [[key, undefined]] : [],
  );
  return [['model', JSON.stringify(model)], ...ours];
}
