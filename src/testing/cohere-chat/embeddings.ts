import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import { demoTokens, demoVector } from '../demo-vectors.ts';
import { firstRefusal } from '../first-refusal.ts';
import type { Refusal, WholeRoute } from '../personality.ts';

const members: ReadonlySet<string> = new Set([
  'model',
  'texts',
  'images',
  'inputs',
  'input_type',
  'embedding_types',
  'truncate',
  'output_dimension',
  'max_tokens',
]);
const inputTypes: ReadonlySet<JsonValue | undefined> = new Set([
  'search_document',
  'search_query',
  'classification',
  'clustering',
  'image',
]);
const mostTexts = 96;
const fullLength = 1536;

/** `POST /v2/embed`: https://docs.cohere.com/reference/embed */
export function embedRoute(asked: JsonObject | undefined): WholeRoute {
  const model = asString(asked?.model) ?? '';
  return { operation: 'embeddings', model, refuse: ({ json }) => refuseEmbed(asObject(json) ?? {}), answer };
}

/** Also what Cohere's models on Bedrock refuse. */
export function refuseEmbed(body: JsonObject): Refusal | undefined {
  const count = inputsOf(body).length;
  return firstRefusal([
    () => {
      const unknown = Object.keys(body).find((key) => !members.has(key));
      return unknown === undefined ? undefined : { status: 422, message: `unknown field: parameter '${unknown}'` };
    },
    () => (count === 0 ? bad('invalid request: one of texts, images, or inputs must be provided') : undefined),
    () => (count > mostTexts ? bad(`invalid request: total number of texts must be at most ${mostTexts}`) : undefined),
    () => (inputTypes.has(body.input_type) ? undefined : bad('invalid request: valid input_type must be provided')),
  ]);
}

function bad(message: string): Refusal {
  return { status: 400, message };
}

/** Each input as a text that its vector follows from. */
export function inputsOf({ texts, images, inputs }: JsonObject): readonly string[] {
  return [...asArray(texts), ...asArray(images), ...asArray(inputs)].map((input) =>
    typeof input === 'string' ? input : JSON.stringify(input),
  );
}

function answer(body: JsonObject): JsonObject {
  const wanted = body.output_dimension;
  const types = asArray(body.embedding_types);
  const texts = inputsOf(body);
  const vectors = texts.map((text) => demoVector(text, typeof wanted === 'number' ? wanted : fullLength));
  const bytes = vectors.map((vector) => vector.map((value) => Math.round(value * 127)));
  return {
    id: '00000000-0000-4000-8000-000000000000',
    texts: asArray(body.texts),
    embeddings: {
      ...((types.length === 0 || types.includes('float')) && { float: vectors }),
      ...(types.includes('int8') && { int8: bytes }),
    },
    meta: {
      api_version: { version: '2' },
      billed_units: { input_tokens: texts.reduce((sum, text) => sum + demoTokens(text), 0) },
    },
    response_type: 'embeddings_by_type',
  };
}
