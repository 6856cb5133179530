import type { JsonObject, JsonValue } from '../../../core/json.ts';
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest, Vector } from '../../canonical/embedding.ts';
import { invalid, oneOf, positiveInteger, remainingMembers, textMember } from '../../request-members.ts';
import type { EmbeddingCaller, EmbeddingReply } from '../format.ts';
import { textInput, tokenInput } from '../inputs.ts';
import { purposeOf } from '../purpose.ts';
import { toBase64, toNumbers } from '../vectors.ts';

/** `POST /embeddings`: https://platform.openai.com/docs/api-reference/embeddings/create */
export const openaiEmbeddingCaller: EmbeddingCaller = { format: 'openai', decode, encode };

const known: ReadonlySet<string> = new Set([
  'model',
  'input',
  'dimensions',
  'encoding_format',
  'user',
  'input_type',
  'truncate',
]);
const truncations = ['none', 'start', 'end'] as const;

function decode(body: JsonObject): EmbeddingRequest {
  const dimensions = positiveInteger(body, 'dimensions');
  const user = textMember(body, 'user');
  const purposeWord = textMember(body, 'input_type');
  const purpose = purposeWord === undefined ? undefined : purposeOf(purposeWord);
  const truncate = oneOf(body, 'truncate', truncations);
  const others = remainingMembers(body, known);
  encodingOf(body);
  return {
    inputs: decodeInputs(body.input),
    ...(dimensions !== undefined && { dimensions }),
    ...(purpose !== undefined && { purpose }),
    ...(purposeWord !== undefined && { purposeWord }),
    ...(truncate !== undefined && { truncate }),
    ...(user !== undefined && { user }),
    ...(others !== undefined && { others }),
  };
}

/** A text, texts, the token ids of one text, or those of several. */
function decodeInputs(input: JsonValue | undefined): readonly EmbeddingInput[] {
  if (typeof input === 'string') return [decodeText(input)];
  if (!Array.isArray(input) || input.length === 0) throw wrongInput();
  if (typeof input[0] === 'number') return [decodeTokens(input)];
  return input.map((entry) => (typeof entry === 'string' ? decodeText(entry) : decodeTokens(entry)));
}

function decodeText(text: string): EmbeddingInput {
  if (text === '') throw invalid('input', 'must not hold an empty text.');
  return textInput(text);
}

function decodeTokens(value: JsonValue): EmbeddingInput {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isTokenId)) throw wrongInput();
  return tokenInput(value);
}

function isTokenId(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function wrongInput() {
  return invalid('input', 'must be a text, a list of texts, a list of token ids, or a list of such lists; none empty.');
}

/** Both clients of OpenAI ask for base64 unless told otherwise, and turn it into numbers themselves. */
export function encodingOf(body: JsonObject): 'float' | 'base64' {
  return oneOf(body, 'encoding_format', ['float', 'base64']) ?? 'float';
}

function encode({ vectors, usage }: EmbeddingAnswer, { model, asked }: EmbeddingReply): JsonObject {
  const write: (vector: Vector) => JsonValue = encodingOf(asked) === 'base64' ? toBase64 : toNumbers;
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: write(vector) })),
    model,
    usage: usage === undefined ? null : { prompt_tokens: usage.inputTokens, total_tokens: usage.inputTokens },
  };
}
