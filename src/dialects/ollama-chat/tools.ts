import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, FunctionTool, Tool } from '../canonical.ts';
import { chosenNames } from '../chosen-tools.ts';
import { decodeToolList } from '../decode-tool-list.ts';
import { forcesCall } from '../forces-call.ts';
import { givenMembers } from '../other-members.ts';
import { ownExtensions, withExtensions } from './wire.ts';

const functionMembers: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);

/** @throws GatewayError `invalid_request` */
export function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  if (tools == null) return undefined;
  return decodeToolList(tools, 'tools', decodeTool);
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
  const names = chosenNames(toolChoice);
  const sent = tools
    .filter((tool) => names === undefined || (tool.type === 'function' && names.includes(tool.name)))
    .map((tool) => encodeTool(tool, dropped))
    .filter((tool) => tool !== undefined);
  if (forcesCall(toolChoice)) dropped.add('tool_choice');
  if (request.parallelToolCalls === false && sent.length > 0) dropped.add('parallel_tool_calls');
  return sent.length === 0 ? undefined : sent;
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
