import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { Splice } from '../../../wire/splice-json.ts';
import type { EmbeddingInput, EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import { isGatewayMember } from '../../request-members.ts';
import { refuseNativeOnly, textOf, textOrMedia } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { purposeWords } from '../purpose.ts';

/** Cohere's own API, or its models on Bedrock, where the path names the model. */
export type CohereHost = 'cohere' | 'bedrock';

/** Vectors of the fourth generation can be shortened: https://docs.cohere.com/docs/embeddings */
const shortened = /embed-v(?:[4-9]|\d\d)/;

export function encodeRequest(request: EmbeddingRequest, { model }: EncodeTarget, host: CohereHost): EncodedRequest {
  refuseNativeOnly(request);
  const dimensions = shortened.test(model) ? request.dimensions : undefined;
  return {
    body: {
      ...(host === 'cohere' && { model }),
      ...encodeInputs(request.inputs),
      // It must be told. Texts are embedded to be stored far more often than to be searched for.
      input_type: purposeWords.cohere[request.purpose ?? 'document'],
      embedding_types: ['float'],
      // It cuts in silence unless it is told not to.
      truncate: (request.truncate ?? 'none').toUpperCase(),
      ...(dimensions !== undefined && { output_dimension: dimensions }),
    },
    dropped: inexpressible(request, [
      'input_type',
      'truncate',
      ...(dimensions === undefined ? [] : (['dimensions'] as const)),
    ]),
  };
}

function encodeInputs(inputs: readonly EmbeddingInput[]): JsonObject {
  const mixed = inputs.some(({ parts }) => parts.some(({ type }) => type === 'media'));
  return mixed ? { inputs: inputs.map(encodeContent) } : { texts: inputs.map(textOf) };
}

function encodeContent({ parts }: EmbeddingInput): JsonObject {
  return {
    content: parts.map((each): JsonObject => {
      const part = textOrMedia(each);
      if (part.type === 'text') return part;
      return { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } };
    }),
  };
}

/** A caller's body goes on as it is but for the model and what is the gateway's. */
export function passThrough(body: JsonObject, { model }: EncodeTarget): readonly Splice[] | undefined {
  const ours = Object.entries(body).flatMap(([key, value]: [string, JsonValue | undefined]): Splice[] =>
    isGatewayMember(key, value) ? [[key, undefined]] : [],
  );
  return [['model', JSON.stringify(model)], ...ours];
}
