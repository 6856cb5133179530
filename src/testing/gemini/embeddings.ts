import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import { demoTokens, shortenedVector } from '../demo-vectors.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal, WholeRoute } from '../personality.ts';
import { invalid, refuseUnknown } from './invalid.ts';

const taskTypes: ReadonlySet<JsonValue> = new Set([
  'RETRIEVAL_QUERY',
  'RETRIEVAL_DOCUMENT',
  'SEMANTIC_SIMILARITY',
  'CLASSIFICATION',
  'CLUSTERING',
  'QUESTION_ANSWERING',
  'FACT_VERIFICATION',
  'CODE_RETRIEVAL_QUERY',
]);
const mostRequests = 100;
const fullLength = 3072;

/** `:batchEmbedContents` and `:embedContent`: https://ai.google.dev/api/embeddings */
export function embedContentsRoute(model: string, method: 'batchEmbedContents' | 'embedContent'): WholeRoute {
  if (method === 'embedContent') {
    return {
      operation: 'embeddings',
      model,
      refuse: ({ json }) => refuseSingle(asObject(json) ?? {}, ''),
      answer: (body) => ({ embedding: embed(body), usageMetadata: { promptTokenCount: demoTokens(textOf(body)) } }),
    };
  }
  return {
    operation: 'embeddings',
    model,
    refuse: ({ json }) => refuseBatch(asObject(json) ?? {}, model),
    answer: ({ requests }) => ({ embeddings: asObjects(requests).map(embed) }),
  };
}

function refuseBatch(body: JsonObject, model: string): Refusal | undefined {
  const requests = asArray(body.requests);
  return firstRefusal([
    () => refuseUnknown(body, 'requests model'),
    () => (requests.length === 0 ? invalid('* BatchEmbedContentsRequest.requests: must not be empty') : undefined),
    () =>
      requests.length > mostRequests
        ? invalid(`* BatchEmbedContentsRequest.requests: at most ${mostRequests} requests can be in one batch`)
        : undefined,
    () =>
      refuseAny(requests, (request, index) => {
        const single = asObject(request) ?? {};
        if (single.model !== `models/${model}`) return invalid('* BatchEmbedContentsRequest.requests: model mismatch');
        return refuseSingle(single, `requests[${index}]`);
      }),
  ]);
}

function refuseSingle(request: JsonObject, where: string): Refusal | undefined {
  const { taskType, outputDimensionality } = request;
  return firstRefusal([
    () => refuseUnknown(request, 'model content taskType title outputDimensionality', where),
    () =>
      asArray(asObject(request.content)?.parts).length > 0
        ? undefined
        : invalid('* EmbedContentRequest.content: contents is not specified'),
    () =>
      taskType === undefined || taskTypes.has(taskType)
        ? undefined
        : invalid(`Invalid value at 'task_type': ${JSON.stringify(taskType)}`),
    () =>
      outputDimensionality === undefined || (typeof outputDimensionality === 'number' && outputDimensionality > 0)
        ? undefined
        : invalid('* EmbedContentRequest.output_dimensionality: must be greater than 0'),
  ]);
}

function embed(request: JsonObject): JsonObject {
  const wanted = request.outputDimensionality;
  return { values: shortenedVector(textOf(request), fullLength, typeof wanted === 'number' ? wanted : undefined) };
}

function textOf(request: JsonObject): string {
  return asArray(asObject(request.content)?.parts)
    .map((part) => asString(asObject(part)?.text) ?? JSON.stringify(part))
    .join('\n');
}
