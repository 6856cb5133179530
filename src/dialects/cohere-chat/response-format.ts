import { asObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, ResponseFormat } from '../canonical.ts';
import { refusal } from '../refusal.ts';

/**
 * The schema was called `schema` before, which the API still takes.
 * https://docs.cohere.com/docs/structured-outputs
 */
export function decodeResponseFormat(value: JsonValue | undefined): ResponseFormat | undefined {
  if (value == null) return undefined;
  const format = asObject(value);
  const schema = asObject(format?.json_schema) ?? asObject(format?.schema);
  switch (format?.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return schema === undefined ? { type: 'json' } : { type: 'json-schema', schema };
    default:
      throw refusal('response_format.type', 'must be "text" or "json_object"');
  }
}

/** JSON is refused beside tools and documents, which then win: without them the answer would be another one. */
export function encodeResponseFormat(
  { responseFormat: format }: ChatRequest,
  beside: 'tools or documents' | 'nothing',
  dropped: Set<string>,
): JsonObject | undefined {
  if (format === undefined) return undefined;
  if (format.type === 'text') return { type: 'text' };
  if (beside === 'tools or documents') {
    dropped.add('response_format');
    return undefined;
  }
  return format.type === 'json' ? { type: 'json_object' } : { type: 'json_object', json_schema: format.schema };
}
