import { asString, type JsonObject, type JsonValue } from '../../../core/json.ts';
import type { EmbeddingAnswer, EmbeddingInput, EmbeddingRequest } from '../../canonical/embedding.ts';
import { invalid, positiveInteger, remainingMembers } from '../../request-members.ts';
import type { EmbeddingCaller, EmbeddingReply } from '../format.ts';
import { textInput } from '../inputs.ts';
import { toNumbers } from '../vectors.ts';

/** `POST /api/embed`: https://docs.ollama.com/api/embed */
export const ollamaEmbeddingCaller: EmbeddingCaller = { format: 'ollama', decode, encode };

const known: ReadonlySet<string> = new Set(['model', 'input', 'truncate', 'dimensions']);

function decode(body: JsonObject): EmbeddingRequest {
  const dimensions = positiveInteger(body, 'dimensions');
  const others = remainingMembers(body, known);
  return {
    inputs: decodeInputs(body.input),
    ...(dimensions !== undefined && { dimensions }),
    ...(typeof body.truncate === 'boolean' && { truncate: body.truncate ? 'end' : 'none' }),
    ...(others !== undefined && { others }),
  };
}

function decodeInputs(input: JsonValue | undefined): readonly EmbeddingInput[] {
  const texts = Array.isArray(input) ? input : [input];
  if (texts.length === 0) throw wrongInput();
  return texts.map((text) => textInput(asString(text) ?? refuse()));
}

function refuse(): never {
  throw wrongInput();
}

function wrongInput() {
  return invalid('input', 'must be a text or a list of texts.');
}

function encode({ vectors, usage }: EmbeddingAnswer, { model }: EmbeddingReply): JsonObject {
  return {
    model,
    embeddings: vectors.map(toNumbers),
    ...(usage !== undefined && { prompt_eval_count: usage.inputTokens }),
  };
}
