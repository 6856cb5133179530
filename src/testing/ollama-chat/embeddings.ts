import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import { demoTokens, demoVector } from '../demo-vectors.ts';
import type { Refusal, WholeRoute, WireRequest } from '../personality.ts';

const fullLength = 768;

/** `POST /api/embed`: https://docs.ollama.com/api/embed. Members it does not know are ignored. */
export function embedRoute(body: JsonObject | undefined): WholeRoute {
  return { operation: 'embeddings', model: asString(body?.model) ?? '', refuse, answer };
}

function refuse({ json }: WireRequest): Refusal | undefined {
  const texts = textsOf(asObject(json)?.input);
  return texts.every((text) => typeof text === 'string') ? undefined : { status: 400, message: 'invalid input type' };
}

function textsOf(input: JsonValue | undefined): readonly (JsonValue | undefined)[] {
  return Array.isArray(input) ? asArray(input) : [input];
}

function answer({ model, input, dimensions }: JsonObject): JsonObject {
  const texts = textsOf(input).map(String);
  return {
    model,
    embeddings: texts.map((text) => demoVector(text, typeof dimensions === 'number' ? dimensions : fullLength)),
    total_duration: 14_143_917,
    load_duration: 1_019_500,
    prompt_eval_count: texts.reduce((sum, text) => sum + demoTokens(text), 0),
  };
}
