import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingPart, EmbeddingRequest } from '../../canonical/embedding.ts';
import { invalid, positiveInteger, remainingMembers, textMember } from '../../request-members.ts';
import type { EmbeddingCaller, EmbeddingReply } from '../format.ts';
import { purposeOf } from '../purpose.ts';
import { toNumbers } from '../vectors.ts';

/** `embedContent` and `batchEmbedContents`: https://ai.google.dev/api/embeddings */
export const geminiEmbeddingCaller: EmbeddingCaller = { format: 'gemini', decode, encode };

const known: ReadonlySet<string> = new Set([
  'model',
  'content',
  'taskType',
  'task_type',
  'outputDimensionality',
  'output_dimensionality',
]);
const batchMembers: ReadonlySet<string> = new Set(['model', 'requests']);

function decode(body: JsonObject): EmbeddingRequest {
  if (body.requests === undefined) return decodeSingle(body);
  const requests = asArray(body.requests);
  const [first, ...rest] = requests.map((entry) => decodeSingle(asObject(entry) ?? {}));
  if (first === undefined) throw invalid('requests', 'must be a list with at least one request.');
  const alike = rest.every(
    ({ dimensions, purposeWord }) => dimensions === first.dimensions && purposeWord === first.purposeWord,
  );
  const others = { ...first.others, ...remainingMembers(body, batchMembers) };
  return {
    ...first,
    inputs: [first, ...rest].flatMap(({ inputs }) => inputs),
    ...(Object.keys(others).length > 0 && { others }),
    ...(!alike && {
      nativeOnly: { param: 'requests', message: 'The model takes one `taskType` and length for all `requests`.' },
    }),
  };
}

function decodeSingle(request: JsonObject): EmbeddingRequest {
  const dimensions =
    positiveInteger(request, 'outputDimensionality') ?? positiveInteger(request, 'output_dimensionality');
  const purposeWord = textMember(request, 'taskType') ?? textMember(request, 'task_type');
  const purpose = purposeWord === undefined ? undefined : purposeOf(purposeWord);
  const others = remainingMembers(request, known);
  return {
    inputs: [decodeContent(request.content)],
    ...(dimensions !== undefined && { dimensions }),
    ...(purpose !== undefined && { purpose }),
    ...(purposeWord !== undefined && { purposeWord }),
    ...(others !== undefined && { others }),
  };
}

function decodeContent(content: JsonValue | undefined): EmbeddingInput {
  const parts = asArray(asObject(content)?.parts).map(decodePart);
  if (parts.length === 0) throw invalid('content', 'must have `parts` with at least one part.');
  return { parts };
}

function decodePart(part: JsonValue): EmbeddingPart {
  const object = asObject(part);
  if (typeof object?.text === 'string') return { type: 'text', text: object.text };
  const media = asObject(object?.inlineData ?? object?.inline_data);
  const mediaType = asString(media?.mimeType ?? media?.mime_type);
  const data = asString(media?.data);
  if (mediaType === undefined || data === undefined)
    throw invalid('content', 'may have parts of text and inline data.');
  return { type: 'media', mediaType, data };
}

function encode({ vectors, usage }: EmbeddingAnswer, { asked }: EmbeddingReply): JsonObject {
  const embeddings = vectors.map((vector) => ({ values: toNumbers(vector) }));
  const counted = usage === undefined ? {} : { usageMetadata: { promptTokenCount: usage.inputTokens } };
  if (isJsonObject(asked) && asked.requests !== undefined) return { embeddings, ...counted };
  return { embedding: embeddings[0] ?? {}, ...counted };
}
