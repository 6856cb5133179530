import { asArray, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../../core/json.ts';
import { tokenCount, type Usage } from '../../../core/usage.ts';
import type { Vector } from '../../canonical/embedding.ts';
import { decodeInBandError } from '../../openai-chat/error.ts';
import type { DecodedEmbeddings, InspectedEmbeddings } from '../format.ts';
import { fromBase64, fromBase64Int8, fromNumbers, noVector } from '../vectors.ts';
import { encodingOf } from './caller.ts';
import type { ResolvedVariant } from './variant.ts';

/** @throws GatewayError `upstream_invalid_response` */
export function decodeAnswer(body: JsonValue, variant: ResolvedVariant): DecodedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const fault = decodeInBandError(body);
  if (fault !== undefined) return { fault };
  const usage = decodeUsage(body);
  return { answer: { vectors: decodeVectors(body.data, variant), ...(usage !== undefined && { usage }) } };
}

export function inspectAnswer(body: JsonValue, asked: JsonObject): InspectedEmbeddings {
  if (!isJsonObject(body)) throw noVector();
  const fault = decodeInBandError(body);
  if (fault !== undefined) return { fault };
  const entries = asArray(body.data);
  const base64 = encodingOf(asked) === 'base64';
  return {
    vectors: entries.length,
    // Some servers know nothing of `encoding_format` and always send numbers, which clients then read as base64.
    asAsked: entries.every((entry) => (typeof asObject(entry)?.embedding === 'string') === base64),
    usage: decodeUsage(body),
  };
}

/** In the order of their `index`, where each has its own; some servers always say 0. */
function decodeVectors(data: JsonValue | undefined, variant: ResolvedVariant): readonly Vector[] {
  if (!Array.isArray(data)) throw noVector();
  const indexes = data.map((entry) => tokenCount(asObject(entry)?.index) ?? -1);
  const each = new Set(indexes).size === data.length && indexes.every((index) => index >= 0 && index < data.length);
  const vectors: Vector[] = Array.from({ length: data.length });
  for (const [position, entry] of data.entries()) {
    vectors[each ? (indexes[position] ?? position) : position] = decodeVector(asObject(entry)?.embedding, variant);
  }
  return vectors;
}

function decodeVector(value: JsonValue | undefined, { base64Holds }: ResolvedVariant): Vector {
  if (typeof value !== 'string') return fromNumbers(value);
  return base64Holds === 'int8' ? fromBase64Int8(value) : fromBase64(value);
}

/** Voyage counts in `total_tokens` alone; all of them are input. */
function decodeUsage({ usage }: JsonObject): Usage | undefined {
  const counts = asObject(usage);
  const inputTokens = tokenCount(counts?.prompt_tokens) ?? tokenCount(counts?.total_tokens);
  return inputTokens === undefined ? undefined : { inputTokens, outputTokens: 0 };
}
