import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';

/**
 * `logprobsResult` in OpenAI's form. Token ids have no place there.
 *
 * https://ai.google.dev/api/generate-content#LogprobsResult
 */
export function decodeLogprobs(result: JsonValue | undefined): JsonObject | undefined {
  const logprobs = asObject(result);
  if (logprobs === undefined) return undefined;
  const top = asArray(logprobs.topCandidates);
  return {
    content: asArray(logprobs.chosenCandidates).map((chosen, place) => ({
      ...decodeToken(chosen),
      top_logprobs: asArray(asObject(top[place])?.candidates).map(decodeToken),
    })),
    refusal: null,
  };
}

/** `undefined` for logprobs without tokens. */
export function encodeLogprobs(logprobs: JsonValue | undefined): JsonObject | undefined {
  const content = asArray(asObject(logprobs)?.content);
  if (content.length === 0) return undefined;
  return {
    chosenCandidates: content.map(encodeToken),
    topCandidates: content.map((token) => ({ candidates: asArray(asObject(token)?.top_logprobs).map(encodeToken) })),
  };
}

function decodeToken(value: JsonValue): JsonObject {
  const candidate = asObject(value);
  const token = asString(candidate?.token) ?? '';
  return { token, logprob: asNumber(candidate?.logProbability) ?? 0, bytes: [...Buffer.from(token)] };
}

function encodeToken(value: JsonValue): JsonObject {
  const entry = asObject(value);
  return { token: asString(entry?.token) ?? '', logProbability: asNumber(entry?.logprob) ?? 0 };
}
