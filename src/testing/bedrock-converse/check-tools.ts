import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import { firstRefusal, refuseAny } from '../first-refusal.ts';
import { asObjects } from '../json-lists.ts';
import type { Refusal } from '../personality.ts';
import { invalid, refuseExtra } from './invalid.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html */
export function checkToolConfig(value: JsonValue | undefined): Refusal | undefined {
  if (value === undefined) return undefined;
  const config = asObject(value) ?? {};
  const tools = asObjects(config.tools);
  if (tools.length === 0)
    return invalid(
      "Value at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
  return firstRefusal([
    () => refuseExtra(config, 'tools toolChoice', '#/toolConfig'),
    () => refuseAny(tools, checkTool),
    () => checkNames(tools),
    () => checkChoice(asObject(config.toolChoice), tools),
  ]);
}

function specOf(tool: JsonObject): JsonObject | undefined {
  return asObject(tool.toolSpec);
}

function checkTool(tool: JsonObject, index: number): Refusal | undefined {
  const where = `toolConfig.tools.${index}.member.toolSpec`;
  const spec = specOf(tool);
  if (spec === undefined) return refuseExtra(tool, 'systemTool cachePoint', `#/toolConfig/tools/${index}`);
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(asString(spec.name) ?? '')) {
    return invalid(
      `Value at '${where}.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
    );
  }
  if (spec.description === '') {
    return invalid(
      `Value at '${where}.description' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  const schema = asObject(asObject(spec.inputSchema)?.json);
  if (schema === undefined)
    return invalid(`Value null at '${where}.inputSchema' failed to satisfy constraint: Member must not be null`);
  if (schema.type !== 'object') {
    return invalid(
      `The value at ${where.replace('.member', '')}.inputSchema.json.type must be one of the following: object.`,
    );
  }
  return refuseExtra(spec, 'name description inputSchema strict', `#/toolConfig/tools/${index}/toolSpec`);
}

function checkNames(tools: readonly JsonObject[]): Refusal | undefined {
  const names = tools.flatMap((tool) => asString(specOf(tool)?.name) ?? []);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  return twice === undefined
    ? undefined
    : invalid(`The tool name ${twice} is already defined at toolConfig.tools.0. Tool names must be unique.`);
}

function checkChoice(choice: JsonObject | undefined, tools: readonly JsonObject[]): Refusal | undefined {
  if (choice === undefined) return undefined;
  const name = asString(asObject(choice.tool)?.name);
  if (name !== undefined && !tools.some((tool) => specOf(tool)?.name === name)) {
    return invalid(`The tool ${name} in toolConfig.toolChoice.tool is not defined in toolConfig.tools.`);
  }
  return refuseExtra(choice, 'auto any tool', '#/toolConfig/toolChoice');
}
