import { asArray, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount, type Usage } from '../../../core/usage.ts';
import type { EmbeddingRequest } from '../../canonical/embedding.ts';
import { faultOfError } from '../../gemini/error.ts';
import type { DecodedEmbeddings, InspectedEmbeddings } from '../format.ts';
import { fromNumbers, noVector, unitLength } from '../vectors.ts';

/** Reads the answer of either method. @throws GatewayError `upstream_invalid_response` */
export function decodeAnswer(body: JsonValue, { dimensions }: EmbeddingRequest): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  if (body.error !== undefined) return { fault: faultOfError(body.error) };
  const usage = decodeUsage(body);
  const vectors = embeddingsOf(body).map((embedding) => fromNumbers(asObject(embedding)?.values));
  return { answer: { vectors: unitLength(vectors, dimensions), ...(usage !== undefined && { usage }) } };
}

export function inspectAnswer(body: JsonValue, asked: JsonObject): InspectedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  if (body.error !== undefined) return { fault: faultOfError(body.error) };
  const batch = asked.requests !== undefined;
  return {
    vectors: embeddingsOf(body).length,
    asAsked: batch === Array.isArray(body.embeddings),
    usage: decodeUsage(body),
  };
}

function embeddingsOf({ embedding, embeddings }: JsonObject): readonly JsonValue[] {
  if (embedding !== undefined) return [embedding];
  if (!Array.isArray(embeddings)) throw noVector();
  return asArray(embeddings);
}

/** Only newer models count. */
function decodeUsage({ usageMetadata }: JsonObject): Usage | undefined {
  const inputTokens = tokenCount(asObject(usageMetadata)?.promptTokenCount);
  return inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0 };
}
