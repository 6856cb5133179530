import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ResponseFormat } from '../canonical.ts';

/** `text.format`: https://platform.openai.com/docs/guides/structured-outputs?api-mode=responses */
export function decodeResponseFormat(format: JsonValue | undefined): ResponseFormat | undefined {
  const object = asObject(format);
  if (object?.type === 'text') return { type: 'text' };
  if (object?.type === 'json_object') return { type: 'json' };
  const schema = object?.type === 'json_schema' ? asObject(object.schema) : undefined;
  if (object === undefined || schema === undefined) return undefined;
  const name = asString(object.name);
  const description = asString(object.description);
  return {
    type: 'json-schema',
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    schema,
    ...(typeof object.strict === 'boolean' && { strict: object.strict }),
  };
}

export function encodeResponseFormat(format: ResponseFormat): JsonObject {
  if (format.type === 'text') return { type: 'text' };
  if (format.type === 'json') return { type: 'json_object' };
  const { name = 'answer', description, schema, strict } = format;
  return {
    type: 'json_schema',
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  };
}
