import { asArray, asObject, isJsonObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';

/** A request body with everything that means the same written the same way, to compare bodies by meaning. */
export function equivalentRequest(body: JsonObject): JsonObject {
  const format = asObject(body.response_format);
  const { schema, ...rest } = format ?? {};
  return withoutEmpty({
    ...body,
    messages: asArray(body.messages).map((message) => equivalentMessage(asObject(message) ?? {})),
    response_format: format && { ...rest, ...(schema !== undefined && { json_schema: schema }) },
    stream: body.stream === true ? true : undefined,
  });
}

function equivalentMessage(message: JsonObject): JsonObject {
  return withoutEmpty({ ...message, content: partsOf(message.content) });
}

function partsOf(content: JsonValue | undefined): readonly JsonValue[] {
  const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content);
  return parts.filter((part) => isJsonObject(part) && part.text !== '');
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value != null && !isEmpty(value)));
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
