import type { JsonObject } from '../../../core/json.ts';
import type { Splice } from '../../../wire/splice-json.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import { refuseNativeOnly, textOrMedia } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { purposeWords } from '../purpose.ts';

/** `batchEmbedContents` takes many inputs; Vertex AI has `embedContent` alone, which takes one. */
export type GeminiEmbedMethod = 'batchEmbedContents' | 'embedContent';

export function encodeRequest(
  request: EmbeddingRequest,
  { model }: EncodeTarget,
  method: GeminiEmbedMethod,
): EncodedRequest {
  refuseNativeOnly(request);
  const dropped = inexpressible(request, ['dimensions', 'input_type']);
  const requests = request.inputs.map((input) => ({
    content: encodeInput(input),
    ...(request.purpose !== undefined && { taskType: purposeWords.google[request.purpose] }),
    ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions }),
  }));
  if (method === 'embedContent') return { body: requests[0] ?? {}, dropped };
  return { body: { requests: requests.map((single) => ({ model: resourceName(model), ...single })) }, dropped };
}

function encodeInput({ parts }: EmbeddingInput): JsonObject {
  return {
    parts: parts.map((each) => {
      const part = textOrMedia(each);
      return part.type === 'text' ? { text: part.text } : { inlineData: { mimeType: part.mediaType, data: part.data } };
    }),
  };
}

function resourceName(model: string): string {
  return model.startsWith('models/') ? model : `models/${model}`;
}

/** A batch goes on as it is but for the model, which each of its requests repeats. */
export function passThrough(body: JsonObject, { model }: EncodeTarget): readonly Splice[] | undefined {
  const { requests } = body;
  if (!Array.isArray(requests) || Object.keys(body).some((key) => key !== 'requests' && key !== 'model')) {
    return undefined;
  }
  const renamed = requests.map((single: JsonObject) => ({ ...single, model: resourceName(model) }));
  return [
    ['requests', JSON.stringify(renamed)],
    ['model', undefined],
  ];
}
