import { asArray, asObject, asString, type JsonObject } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import type { Refusal } from '../personality.ts';
import { invalid } from './invalid.ts';
import { strictSchemaProblem } from './strict-schema.ts';

/** https://platform.openai.com/docs/guides/function-calling */
export function checkTools(body: JsonObject): Refusal | undefined {
  if (body.tools === undefined) return checkAbsence(body);
  const tools = asArray(body.tools).map((tool) => asObject(tool) ?? {});
  if (tools.length === 0) {
    return invalid(
      "Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      {
        param: 'tools',
        code: 'empty_array',
      },
    );
  }
  return firstRefusal([() => refuseAny(tools, checkTool), () => checkChoice(body.tool_choice, tools)]);
}

function checkAbsence(body: JsonObject): Refusal | undefined {
  const orphan = ['tool_choice', 'parallel_tool_calls'].find(
    (name) => body[name] !== undefined && body[name] !== 'none',
  );
  if (orphan === undefined) return undefined;
  return invalid(`Invalid value for '${orphan}': '${orphan}' is only allowed when 'tools' are specified.`, {
    param: orphan,
  });
}

function checkTool(tool: JsonObject, index: number): Refusal | undefined {
  const where = `tools[${index}]`;
  if (tool.type === 'custom') return undefined;
  if (tool.type !== 'function') {
    return invalid(`Invalid value: '${asString(tool.type) ?? ''}'. Supported values are: 'function' and 'custom'.`, {
      param: `${where}.type`,
      code: 'invalid_value',
    });
  }
  const declared = asObject(tool.function);
  const name = asString(declared?.name);
  if (declared === undefined || name === undefined) {
    return invalid(`Missing required parameter: '${where}.function.name'.`, {
      param: `${where}.function.name`,
      code: 'missing_required_parameter',
    });
  }
  return checkDeclaration(declared, { name, where });
}

function checkDeclaration(
  declared: JsonObject,
  { name, where }: { readonly name: string; readonly where: string },
): Refusal | undefined {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    return invalid(
      `Invalid '${where}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      { param: `${where}.function.name`, code: 'invalid_value' },
    );
  }
  const parameters = asObject(declared.parameters);
  if (parameters === undefined) return undefined;
  if (Object.keys(parameters).length > 0 && parameters.type !== 'object') {
    return invalidSchema(
      name,
      where,
      `schema must be a JSON Schema of 'type: "object"', got 'type: "${asString(parameters.type) ?? 'None'}"'.`,
    );
  }
  const problem = declared.strict === true ? strictSchemaProblem(parameters) : undefined;
  return problem === undefined ? undefined : invalidSchema(name, where, problem);
}

function invalidSchema(name: string, where: string, problem: string): Refusal {
  return invalid(`Invalid schema for function '${name}': ${problem}`, {
    param: `${where}.function.parameters`,
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
  const named = asString(asObject(asObject(choice)?.function)?.name);
  if (named === undefined || tools.some((tool) => asObject(tool.function)?.name === named)) return undefined;
  return invalid(`Tool choice '${named}' not found in 'tools' parameter.`, { param: 'tool_choice' });
}
