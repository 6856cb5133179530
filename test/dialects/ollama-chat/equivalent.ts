import { asArray, asObject, type JsonObject } from '../../../src/core/json.ts';

/** A request with what makes no difference taken out: values that mean "not given", and the numbers of calls. */
export function equivalentRequest(body: JsonObject): JsonObject {
  const { messages, options, stream = true, ...rest } = body;
  const given = Object.entries(rest).filter(([, value]) => !isNothing(value));
  const ofModel = Object.entries(asObject(options) ?? {}).filter(([, value]) => value !== null);
  return {
    ...Object.fromEntries(given),
    stream,
    ...(ofModel.length > 0 && { options: Object.fromEntries(ofModel) }),
    messages: asArray(messages).map((message) => equivalentMessage(asObject(message) ?? {})),
  };
}

/** An answer with what makes no difference taken out. */
export function equivalentAnswer(body: JsonObject): JsonObject {
  return { ...body, message: equivalentMessage(asObject(body.message) ?? {}) };
}

function equivalentMessage({ content = '', thinking, tool_calls: calls, ...rest }: JsonObject): JsonObject {
  return {
    ...rest,
    content,
    ...(!isNothing(thinking) && { thinking }),
    ...(asArray(calls).length > 0 && {
      tool_calls: asArray(calls).map((call) => equivalentCall(asObject(call) ?? {})),
    }),
  };
}

function equivalentCall({ id, function: called }: JsonObject): JsonObject {
  const { name, arguments: given } = asObject(called) ?? {};
  return { ...(id !== undefined && { id }), name, arguments: given };
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
