import { asArray, asNumber, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';

/**
 * One piece of text with the log probabilities of its tokens, as OpenAI's callers know it: Cohere tells the ids of the
 * tokens but not where one ends, so that a piece of several counts as one. Its own numbers stay beside.
 * https://docs.cohere.com/reference/chat
 */
export function decodeLogprob(item: JsonObject): JsonObject {
  const token = asString(item.text) ?? '';
  const each = asArray(item.logprobs).map((value) => asNumber(value) ?? 0);
  return {
    token,
    logprob: each.reduce((total, one) => total + one, 0),
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
    token_ids: asArray(item.token_ids),
    token_logprobs: each,
  };
}

/** All pieces of an answer; nothing where there are none. */
export function decodeLogprobs(items: JsonValue | undefined): JsonObject | undefined {
  const content = asArray(items).map((item) => decodeLogprob(asObject(item) ?? {}));
  return content.length === 0 ? undefined : { content };
}

/** OpenAI's form, or our own reading of Cohere's, as Cohere writes it. */
export function encodeLogprobs(logprobs: JsonValue | undefined): JsonObject[] {
  return asArray(asObject(logprobs)?.content).map((entry) => {
    const { token, logprob, token_ids: ids, token_logprobs: each } = asObject(entry) ?? {};
    return { text: token ?? '', token_ids: asArray(ids), logprobs: Array.isArray(each) ? each : [logprob ?? 0] };
  });
}
