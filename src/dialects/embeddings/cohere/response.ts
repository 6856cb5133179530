import { asObject, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount, type Usage } from '../../../core/usage.ts';
import type { DecodedEmbeddings, InspectedEmbeddings } from '../format.ts';
import { fromLists, noVector } from '../vectors.ts';

/** By type, or, from older models and where no type was asked for, the plain list. @throws GatewayError `upstream_invalid_response` */
export function decodeAnswer(body: JsonValue): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const { embeddings } = body;
  const usage = decodeUsage(body);
  const vectors = fromLists(isJsonObject(embeddings) ? embeddings.float : embeddings);
  return { answer: { vectors, ...(usage !== undefined && { usage }) } };
}

export function inspectAnswer(body: JsonValue): InspectedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const [first] = Object.values(asObject(body.embeddings) ?? {}).filter(Array.isArray);
  if (first === undefined) throw noVector();
  return { vectors: first.length, asAsked: true, usage: decodeUsage(body) };
}

/** https://docs.cohere.com/reference/embed; on Bedrock the body says nothing of tokens. */
function decodeUsage({ meta }: JsonObject): Usage | undefined {
  const units = asObject(asObject(meta)?.billed_units);
  const text = tokenCount(units?.input_tokens);
  const images = tokenCount(units?.image_tokens);
  if (text === undefined && images === undefined) return undefined;
  return { inputTokens: (text ?? 0) + (images ?? 0), outputTokens: 0 };
}
