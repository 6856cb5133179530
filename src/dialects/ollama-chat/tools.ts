import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { forcesCall } from '../forces-call.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { ownExtensions, withExtensions } from './wire.ts';

const functionMembers: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);

/** @throws GatewayError `invalid_request` */
export function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  if (tools == null) return undefined;
  if (!Array.isArray(tools)) throw refusal('tools', 'must be an array');
  return asArray(tools).map((value, index) => {
    const tool = isJsonObject(value) ? decodeTool(value) : undefined;
    if (tool === undefined) throw refusal(`tools.${index}`, 'is not a valid tool');
    return tool;
  });
}

function decodeTool(tool: JsonObject): Tool | undefined {
  const declared = asObject(tool.function);
  const name = asString(declared?.name);
  if (declared === undefined || name === undefined) return undefined;
  const description = asString(declared.description);
  const parameters = asObject(declared.parameters);
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(typeof declared.strict === 'boolean' && { strict: declared.strict }),
    ...withExtensions(givenMembers(declared, functionMembers)),
  };
}

/**
 * The API has no tool choice: calls are forbidden by sending no tools and confined by sending only the allowed ones. That
 * one must be made cannot be said.
 */
export function encodeTools(request: ChatRequest, dropped: Set<string>): readonly JsonObject[] | undefined {
  const { tools, toolChoice } = request;
  if (tools === undefined || toolChoice?.type === 'none') return undefined;
  const names = namesOf(toolChoice);
  const sent = tools
    .filter((tool) => names === undefined || (tool.type === 'function' && names.includes(tool.name)))
    .map((tool) => encodeTool(tool, dropped))
    .filter((tool) => tool !== undefined);
  if (forcesCall(toolChoice)) dropped.add('tool_choice');
  if (request.parallelToolCalls === false && sent.length > 0) dropped.add('parallel_tool_calls');
  return sent.length === 0 ? undefined : sent;
}

function namesOf(choice: ToolChoice | undefined): readonly string[] | undefined {
  switch (choice?.type) {
    case 'allowed':
    case 'required':
      return choice.names;
    case 'tool':
      return [choice.name];
    default:
      return undefined;
  }
}

function encodeTool(tool: Tool, dropped: Set<string>): JsonObject | undefined {
  if (tool.type === 'function') return encodeFunction(tool, dropped);
  dropped.add('tools');
  return undefined;
}

function encodeFunction(tool: FunctionTool, dropped: Set<string>): JsonObject {
  if (tool.strict === true) dropped.add('tools.function.strict');
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      ...(tool.parameters !== undefined && { parameters: tool.parameters }),
      ...ownExtensions(tool.extensions, dropped),
    },
  };
}
