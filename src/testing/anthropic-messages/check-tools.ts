import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { invalid, refuseExtra } from './invalid.ts';

/** https://docs.anthropic.com/en/docs/agents-and-tools/tool-use/overview */
export function checkTools(body: JsonObject): Refusal | undefined {
  const tools = asObjects(body.tools);
  return firstRefusal([
    () => refuseAny(tools, checkTool),
    () => checkNames(tools),
    () => checkChoice(asObject(body.tool_choice), tools),
  ]);
}

const toolFields =
  'type name description input_schema cache_control strict eager_input_streaming defer_loading allowed_callers input_examples';

/** Tools that Anthropic runs itself carry a versioned type and fields of their own. */
function checkTool(tool: JsonObject, index: number): Refusal | undefined {
  if (tool.type !== undefined && tool.type !== 'custom') return undefined;
  const where = `tools.${index}.custom`;
  const schema = asObject(tool.input_schema);
  if (schema === undefined) return invalid(`${where}.input_schema: Field required`);
  if (schema.type === undefined) return invalid(`${where}.input_schema.type: Field required`);
  if (schema.type !== 'object') return invalid(`${where}.input_schema.type: Input should be 'object'`);
  if (!/^[a-zA-Z0-9_-]{1,128}$/.test(asString(tool.name) ?? '')) {
    return invalid(`${where}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
  }
  return refuseExtra(tool, toolFields, where);
}

function checkNames(tools: readonly JsonObject[]): Refusal | undefined {
  const names = tools.map((tool) => tool.name);
  return new Set(names).size < names.length ? invalid('tools: Tool names must be unique.') : undefined;
}

const choices: Readonly<Record<string, string>> = {
  auto: 'type disable_parallel_tool_use',
  any: 'type disable_parallel_tool_use',
  tool: 'type name disable_parallel_tool_use',
  none: 'type',
};

function checkChoice(choice: JsonObject | undefined, tools: readonly JsonObject[]): Refusal | undefined {
  if (choice === undefined) return undefined;
  const type = asString(choice.type) ?? '';
  const known = choices[type];
  if (known === undefined) {
    return invalid(
      `tool_choice: Input tag '${type}' found using 'type' does not match any of the expected tags: 'auto', 'any', 'tool', 'none'`,
    );
  }
  if (tools.length === 0) return invalid('tool_choice: may only be specified while providing tools');
  if (type === 'tool' && !tools.some((tool) => tool.name === choice.name)) {
    return invalid(`tool_choice.tool: Tool '${asString(choice.name) ?? ''}' not found in provided tools`);
  }
  return refuseExtra(choice, known, `tool_choice.${type}`);
}
