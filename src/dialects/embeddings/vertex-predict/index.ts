import { asArray, asObject, isJsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount } from '../../../core/usage.ts';
import type { EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest } from '../../dialect.ts';
import { faultOfError } from '../../gemini/error.ts';
import type { DecodedEmbeddings, EmbeddingFormat } from '../format.ts';
import { refuseNativeOnly, textsOf } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { purposeWords } from '../purpose.ts';
import { fromNumbers, noVector, unitLength } from '../vectors.ts';

/**
 * Google's text embedding models on Vertex AI, by `:predict`. Nobody speaks it to us.
 * https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/text-embeddings-api
 */
export function vertexPredictEmbeddings(): EmbeddingFormat {
  return { name: 'vertex-predict', encode, decode };
}

function encode(request: EmbeddingRequest): EncodedRequest {
  refuseNativeOnly(request);
  const { dimensions, purpose, truncate } = request;
  return {
    body: {
      instances: textsOf(request).map((content) => ({
        content,
        ...(purpose !== undefined && { task_type: purposeWords.google[purpose] }),
      })),
      parameters: {
        // It cuts in silence unless it is told not to; the end is all it can cut.
        autoTruncate: truncate === 'end',
        ...(dimensions !== undefined && { outputDimensionality: dimensions }),
      },
    },
    dropped: inexpressible(request, [
      'dimensions',
      'input_type',
      ...(truncate === 'start' ? [] : (['truncate'] as const)),
    ]),
  };
}

function decode(body: JsonValue, { dimensions }: EmbeddingRequest): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  if (body.error !== undefined) return { fault: faultOfError(body.error) };
  if (!Array.isArray(body.predictions)) throw noVector();
  const embeddings = asArray(body.predictions).map((prediction) => asObject(asObject(prediction)?.embeddings));
  const counts = embeddings.map((embedding) => tokenCount(asObject(embedding?.statistics)?.token_count));
  const total = counts.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
  return {
    answer: {
      vectors: unitLength(
        embeddings.map((embedding) => fromNumbers(embedding?.values)),
        dimensions,
      ),
      ...(total !== undefined && { usage: { inputTokens: total, outputTokens: 0 } }),
    },
  };
}
