import { isJsonObject, type JsonValue } from '../../../core/json.ts';
import type { EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest } from '../../dialect.ts';
import { decodeInBandError } from '../../openai-chat/error.ts';
import type { DecodedEmbeddings, EmbeddingFormat } from '../format.ts';
import { refuseNativeOnly, textsOf } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { fromLists, noVector } from '../vectors.ts';

/**
 * Hugging Face's task for embeddings. It counts no tokens, and nobody speaks it to us.
 * https://huggingface.co/docs/inference-providers/tasks/feature-extraction
 */
export function featureExtraction(): EmbeddingFormat {
  return { name: 'feature-extraction', encode, decode };
}

function encode(request: EmbeddingRequest): EncodedRequest {
  refuseNativeOnly(request);
  const { truncate } = request;
  const cuts = truncate === 'start' || truncate === 'end';
  return {
    body: {
      inputs: textsOf(request),
      truncate: cuts,
      ...(cuts && { truncation_direction: truncate === 'start' ? 'left' : 'right' }),
    },
    dropped: inexpressible(request, ['truncate']),
  };
}

function decode(body: JsonValue): DecodedEmbeddings {
  if (isJsonObject(body)) {
    const fault = decodeInBandError(body);
    if (fault !== undefined) return { fault };
  }
  if (!Array.isArray(body)) throw noVector();
  return { answer: { vectors: fromLists(body) } };
}
