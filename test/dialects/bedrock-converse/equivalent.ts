import { asArray, asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';

/** A request body with everything that means the same written the same way, to compare bodies by meaning. */
export function equivalentRequest(body: JsonObject): JsonObject {
  const { reasoning_config: older, ...fields } = asObject(body.additionalModelRequestFields) ?? {};
  return withoutEmpty({
    ...body,
    messages: merged(asArray(body.messages)),
    inferenceConfig: withoutEmpty(asObject(body.inferenceConfig) ?? {}),
    // Two names of one field.
    additionalModelRequestFields: withoutEmpty({ ...fields, ...(older !== undefined && { thinking: older }) }),
    outputConfig: parsedSchemas(body.outputConfig ?? null),
    toolConfig: asObject(body.toolConfig),
  });
}

/** Neighbours of one role are one turn to the API. */
function merged(messages: readonly JsonValue[]): readonly JsonObject[] {
  const turns: { role: JsonValue | undefined; content: JsonValue[] }[] = [];
  for (const message of messages) {
    const { role, content } = asObject(message) ?? {};
    const last = turns.at(-1);
    if (last !== undefined && last.role === role) last.content.push(...asArray(content));
    else turns.push({ role, content: [...asArray(content)] });
  }
  return turns;
}

/** Schemas travel as JSON texts. */
function parsedSchemas(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(parsedSchemas);
  const object = asObject(value);
  if (object === undefined) return value;
  return Object.fromEntries(
    Object.entries(object).map(([key, member]) => [
      key,
      key === 'schema' && typeof member === 'string' ? JSON.parse(member) : parsedSchemas(member ?? null),
    ]),
  );
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value != null && !isEmpty(value)));
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** An answer with everything that means the same written the same way: some say twice what a block is. */
export function equivalentAnswer(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(equivalentAnswer);
  const object = asObject(value);
  if (object === undefined) return value;
  const said = object.type === 'tool_use' || (object.type === 'text' && 'text' in object);
  const entries = Object.entries(object).filter(([key]) => !(said && key === 'type'));
  return Object.fromEntries(entries.map(([key, member]) => [key, equivalentAnswer(member ?? null)]));
}
