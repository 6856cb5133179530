import { asObject, type JsonObject } from '../../core/json.ts';
import type { ResponseFormat } from '../canonical.ts';
import type { ModelTraits } from './models.ts';
import { cleanSchema, isRecursive } from './schema.ts';

/** `output_config.format`, or `output_format` of the beta before it. */
export function decodeResponseFormat(body: JsonObject): ResponseFormat | undefined {
  const format = asObject(asObject(body.output_config)?.format) ?? asObject(body.output_format);
  const schema = asObject(format?.schema);
  return format?.type === 'json_schema' && schema !== undefined ? { type: 'json-schema', schema } : undefined;
}

export interface EncodedFormat {
  /** For `output_config.format`. */
  readonly format?: JsonObject;
  /** What the system prompt must say where nothing enforces the format. */
  readonly instruction?: string;
}

const onlyJson = 'Answer with one JSON object and nothing else: no text around it, no code fence.';

/**
 * A schema is enforced where the model can (https://platform.claude.com/docs/en/build-with-claude/structured-outputs).
 * Elsewhere, for schemas that refer to themselves, and for JSON without a schema, which the API has no word for, the
 * system prompt asks for it and `response_format` is reported as dropped: nothing guarantees the answer.
 */
export function encodeResponseFormat(
  format: ResponseFormat | undefined,
  traits: ModelTraits,
  dropped: Set<string>,
): EncodedFormat {
  if (format === undefined || format.type === 'text') return {};
  if (format.type === 'json') {
    dropped.add('response_format');
    return { instruction: onlyJson };
  }
  if (traits.structuredOutput === 'refused' || format.schema.type !== 'object' || isRecursive(format.schema)) {
    dropped.add('response_format');
    return { instruction: `${onlyJson} It must be valid against this JSON Schema:\n${JSON.stringify(format.schema)}` };
  }
  const cleaned = cleanSchema(format.schema);
  if (cleaned.changed) dropped.add('response_format.json_schema.schema');
  return { format: { type: 'json_schema', schema: cleaned.schema } };
}
