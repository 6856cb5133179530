import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { invalid } from '../openai-chat/invalid.ts';
import { strictSchemaProblem } from '../openai-chat/strict-schema.ts';
import type { Refusal } from '../personality.ts';

/** https://platform.openai.com/docs/guides/function-calling */
export function checkTools(body: JsonObject): Refusal | undefined {
  const tools = asArray(body.tools).map((tool) => asObject(tool) ?? {});
  return firstRefusal([() => refuseAny(tools, checkTool), () => checkChoice(body.tool_choice, tools)]);
}

function checkTool(tool: JsonObject, index: number): Refusal | undefined {
  const where = `tools[${index}]`;
  if (tool.type !== 'function') {
    if (typeof tool.type === 'string') return undefined;
    return invalid(`Missing required parameter: '${where}.type'.`, {
      param: `${where}.type`,
      code: 'missing_required_parameter',
    });
  }
  const name = asString(tool.name);
  if (name === undefined) {
    return invalid(`Missing required parameter: '${where}.name'.`, {
      param: `${where}.name`,
      code: 'missing_required_parameter',
    });
  }
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    return invalid(
      `Invalid '${where}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      { param: `${where}.name`, code: 'invalid_value' },
    );
  }
  return checkParameters(name, tool, where);
}

/** A schema is held to strict mode when the tool says so; when it says nothing, OpenAI makes the best of it. */
function checkParameters(name: string, tool: JsonObject, where: string): Refusal | undefined {
  const parameters = asObject(tool.parameters);
  if (parameters === undefined) return undefined;
  const isObject = Object.keys(parameters).length === 0 || parameters.type === 'object';
  const problem = !isObject
    ? `schema must be a JSON Schema of 'type: "object"', got 'type: "${asString(parameters.type) ?? 'None'}"'.`
    : tool.strict === true
      ? strictSchemaProblem(parameters)
      : undefined;
  if (problem === undefined) return undefined;
  return invalid(`Invalid schema for function '${name}': ${problem}`, {
    param: `${where}.parameters`,
    code: 'invalid_function_parameters',
  });
}

function checkChoice(choice: unknown, tools: readonly JsonObject[]): Refusal | undefined {
  if (typeof choice === 'string' && !['none', 'auto', 'required'].includes(choice)) {
    return invalid(`Invalid value: '${choice}'. Supported values are: 'none', 'auto', and 'required'.`, {
      param: 'tool_choice',
      code: 'invalid_value',
    });
  }
  const object = asObject(choice);
  const named = object?.type === 'function' ? asString(object.name) : undefined;
  if (named === undefined || tools.some((tool) => tool.name === named)) return undefined;
  return invalid(`Tool choice '${named}' not found in 'tools' parameter.`, { param: 'tool_choice' });
}
