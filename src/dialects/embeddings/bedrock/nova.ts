import { asArray, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest } from '../../dialect.ts';
import type { DecodedEmbeddings, EmbeddingFormat } from '../format.ts';
import { refuseNativeOnly, textOf, textOrMedia } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { purposeWords } from '../purpose.ts';
import { fromNumbers, noVector } from '../vectors.ts';

/**
 * Amazon Nova's multimodal embeddings by Bedrock's InvokeModel, one input in each request. It counts no tokens, and
 * nobody speaks it to us. https://docs.aws.amazon.com/nova/latest/userguide/embeddings-schema.html
 */
export function novaEmbeddings(): EmbeddingFormat {
  return { name: 'nova', encode, decode };
}

function encode(request: EmbeddingRequest): EncodedRequest {
  refuseNativeOnly(request);
  const { inputs, dimensions, purpose, truncate } = request;
  const [input = { parts: [] }] = inputs;
  return {
    body: {
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: {
        embeddingPurpose: purposeWords.nova[purpose ?? 'document'],
        ...(dimensions !== undefined && { embeddingDimension: dimensions }),
        ...encodeInput(input, (truncate ?? 'none').toUpperCase()),
      },
    },
    dropped: inexpressible(request, ['dimensions', 'input_type', 'truncate']),
  };
}

function encodeInput(input: EmbeddingInput, truncationMode: string): JsonObject {
  const [first] = input.parts;
  const part = first && textOrMedia(first);
  if (part?.type !== 'media') return { text: { truncationMode, value: textOf(input) } };
  const format = part.mediaType.replace(/^image\//, '');
  return { image: { format, source: { bytes: part.data } } };
}

function decode(body: JsonValue): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const [embedding] = asArray(body.embeddings);
  return { answer: { vectors: [fromNumbers(asObject(embedding)?.embedding)] } };
}
