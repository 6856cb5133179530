import { isJsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount } from '../../../core/usage.ts';
import type { EmbeddingRequest } from '../../canonical/embedding.ts';
import type { EncodedRequest, EncodeTarget } from '../../dialect.ts';
import type { DecodedEmbeddings, EmbeddingFormat } from '../format.ts';
import { refuseNativeOnly, textOf, textOrMedia } from '../inputs.ts';
import { inexpressible } from '../other-parameters.ts';
import { fromNumbers, noVector } from '../vectors.ts';

/**
 * Amazon Titan's embeddings by Bedrock's InvokeModel, one input in each request. Nobody speaks it to us.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html
 */
export function titanEmbeddings(): EmbeddingFormat {
  return { name: 'titan', encode, decode };
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-mm.html */
const multimodal = /titan-embed-image/;
const shortened = /titan-embed-text-v[2-9]/;

function encode(request: EmbeddingRequest, { model }: EncodeTarget): EncodedRequest {
  refuseNativeOnly(request);
  const { inputs, dimensions } = request;
  const [input = { parts: [] }] = inputs;
  if (multimodal.test(model)) {
    const parts = input.parts.map(textOrMedia);
    const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
    const image = parts.find((part) => part.type === 'media');
    return {
      body: {
        ...(text.length > 0 && { inputText: text.join('\n') }),
        ...(image?.type === 'media' && { inputImage: image.data }),
        ...(dimensions !== undefined && { embeddingConfig: { outputEmbeddingLength: dimensions } }),
      },
      dropped: inexpressible(request, ['dimensions']),
    };
  }
  const takesLength = shortened.test(model);
  return {
    body: { inputText: textOf(input), ...(takesLength && dimensions !== undefined && { dimensions }) },
    dropped: inexpressible(request, takesLength ? ['dimensions'] : []),
  };
}

function decode(body: JsonValue): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const inputTokens = tokenCount(body.inputTextTokenCount);
  return {
    answer: {
      vectors: [fromNumbers(body.embedding)],
      ...(inputTokens !== undefined && { usage: { inputTokens, outputTokens: 0 } }),
    },
  };
}
