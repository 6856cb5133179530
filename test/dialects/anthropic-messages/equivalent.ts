import { asArray, asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';

/** A request body with everything that means the same written the same way, to compare bodies by meaning. */
export function equivalentRequest(body: JsonObject): JsonObject {
  const { output_format: format, output_config: config, tool_choice: choice, ...rest } = body;
  return withoutEmpty({
    ...rest,
    messages: merged(asArray(body.messages)),
    system: blocksOf(body.system),
    output_config: withoutEmpty({ ...asObject(config), ...(format != null && { format }) }),
    // One call after another is the exception; false is the default.
    tool_choice: asObject(choice) && without(asObject(choice) ?? {}, 'disable_parallel_tool_use', false),
    stream: body.stream === true ? true : undefined,
  });
}

/** Neighbours of one role are one turn to the API, and results stand first in it. */
function merged(messages: readonly JsonValue[]): readonly JsonObject[] {
  const turns: { role: JsonValue | undefined; content: JsonObject[] }[] = [];
  for (const message of messages) {
    const { role, content } = asObject(message) ?? {};
    const last = turns.at(-1);
    if (last !== undefined && last.role === role && role !== 'system') last.content.push(...blocksOf(content));
    else turns.push({ role, content: [...blocksOf(content)] });
  }
  return turns.map(({ role, content }) => ({ role, content }));
}

function blocksOf(content: JsonValue | undefined): readonly JsonObject[] {
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content);
  return blocks.flatMap((value) => {
    const block = asObject(value) ?? {};
    if (block.type === 'text' && !/\S/.test(String(block.text))) return [];
    return [withoutEmpty(block.type === 'tool_result' ? { ...block, content: blocksOf(block.content) } : block)];
  });
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value != null && !isEmpty(value)));
}

function isEmpty(value: JsonValue): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function without(object: JsonObject, key: string, value: JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(object).filter((entry) => entry[0] !== key || entry[1] !== value));
}

/** An answer with everything that means the same written the same way. */
export function equivalentAnswer(body: JsonObject): JsonObject {
  const blocks = asArray(body.content).map((value) => {
    const block = asObject(value) ?? {};
    const caller = asObject(block.caller)?.type === 'direct' && block.type === 'tool_use' ? undefined : block.caller;
    return withoutEmpty({ ...block, caller });
  });
  const { output_tokens_details: details, ...usage } = asObject(body.usage) ?? {};
  return withoutEmpty({
    ...body,
    content: blocks.filter((block) => block.type !== 'text' || block.text !== ''),
    usage: withoutEmpty({ ...usage, ...(details != null && { output_tokens_details: details }) }),
  });
}
