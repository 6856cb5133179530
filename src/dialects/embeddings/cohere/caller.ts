import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingPart, EmbeddingRequest } from '../../canonical/embedding.ts';
import { invalid, oneOf, positiveInteger, remainingMembers, textMember } from '../../request-members.ts';
import type { EmbeddingCaller, EmbeddingReply } from '../format.ts';
import { textInput } from '../inputs.ts';
import { purposeOf } from '../purpose.ts';
import { toBase64, toNumbers } from '../vectors.ts';

/** `POST /v2/embed`: https://docs.cohere.com/reference/embed */
export const cohereEmbeddingCaller: EmbeddingCaller = { format: 'cohere', decode, encode };

const known: ReadonlySet<string> = new Set([
  'model',
  'texts',
  'images',
  'inputs',
  'input_type',
  'embedding_types',
  'truncate',
  'output_dimension',
]);

function decode(body: JsonObject): EmbeddingRequest {
  const dimensions = positiveInteger(body, 'output_dimension');
  const purposeWord = textMember(body, 'input_type');
  if (purposeWord === undefined) throw invalid('input_type', 'must be given.');
  // Pictures have a word of their own, which says nothing of what they are for.
  const purpose = purposeWord === 'image' ? 'document' : purposeOf(purposeWord);
  const truncate = oneOf(body, 'truncate', ['none', 'start', 'end'] as const);
  const quantized = typesOf(body).filter((type) => type !== 'float' && type !== 'base64');
  const others = remainingMembers(body, known);
  return {
    inputs: decodeInputs(body),
    purposeWord,
    ...(purpose !== undefined && { purpose }),
    ...(dimensions !== undefined && { dimensions }),
    ...(truncate !== undefined && { truncate }),
    ...(quantized.length > 0 && {
      nativeOnly: { param: 'embedding_types', message: `The model gives floats, not ${quantized.join(', ')}.` },
    }),
    ...(others !== undefined && { others }),
  };
}

function decodeInputs({ texts, images, inputs }: JsonObject): readonly EmbeddingInput[] {
  const decoded = [
    ...asArray(texts).map((text) => textInput(asString(text) ?? refuse('texts'))),
    ...asArray(images).map((image) => ({ parts: [decodeImage(image, 'images')] })),
    ...asArray(inputs).map((input) => ({ parts: asArray(asObject(input)?.content).map(decodePart) })),
  ];
  if (decoded.length === 0 || decoded.some(({ parts }) => parts.length === 0)) throw refuse('texts');
  return decoded;
}

function decodePart(part: JsonValue): EmbeddingPart {
  const object = asObject(part);
  if (typeof object?.text === 'string') return { type: 'text', text: object.text };
  return decodeImage(asObject(object?.image_url)?.url, 'inputs');
}

function decodeImage(url: JsonValue | undefined, param: string): EmbeddingPart {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.+)$/s.exec(asString(url) ?? '') ?? [];
  if (mediaType === undefined || data === undefined) throw invalid(param, 'may hold pictures as base64 data URIs.');
  return { type: 'media', mediaType, data };
}

function refuse(param: string): never {
  throw invalid(param, 'must be a list with at least one text.');
}

function typesOf(body: JsonObject): readonly string[] {
  const types = asArray(body.embedding_types).filter((type) => typeof type === 'string');
  return types.length === 0 ? ['float'] : types;
}

function encode({ vectors, usage }: EmbeddingAnswer, { id, asked }: EmbeddingReply): JsonObject {
  const types = typesOf(asked);
  return {
    id,
    embeddings: {
      ...(types.includes('float') && { float: vectors.map(toNumbers) }),
      ...(types.includes('base64') && { base64: vectors.map(toBase64) }),
    },
    texts: asArray(asked.texts),
    meta: {
      api_version: { version: '2' },
      ...(usage !== undefined && { billed_units: { input_tokens: usage.inputTokens } }),
    },
    response_type: 'embeddings_by_type',
  };
}
