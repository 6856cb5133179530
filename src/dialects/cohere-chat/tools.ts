import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { chosenNames } from '../chosen-tools.ts';
import { decodeToolList } from '../decode-tool-list.ts';
import { forcesCall } from '../forces-call.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { dialect, ownExtensions, withExtensions } from './wire.ts';

const toolKeys: ReadonlySet<string> = new Set(['type', 'function']);
const functionKeys: ReadonlySet<string> = new Set(['name', 'description', 'parameters']);

/**
 * `strict_tools` belongs to all tools of a request alike.
 * https://docs.cohere.com/docs/tool-use-overview
 * @throws GatewayError `invalid_request`
 */
export function decodeTools({ tools, strict_tools: strict }: JsonObject): readonly Tool[] | undefined {
  if (tools == null) return undefined;
  return decodeToolList(tools, 'tools', decodeTool).map((tool) =>
    tool.type === 'function' && typeof strict === 'boolean' ? { ...tool, strict } : tool,
  );
}

function decodeTool(tool: JsonObject): Tool | undefined {
  if (tool.type != null && tool.type !== 'function') return { type: 'provider', dialect, data: tool };
  const called = asObject(tool.function);
  const name = asString(called?.name);
  if (called === undefined || name === undefined) return undefined;
  const description = asString(called.description);
  const parameters = asObject(called.parameters);
  const extra = { ...givenMembers(tool, toolKeys), ...givenMembers(called, functionKeys) };
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...withExtensions(Object.keys(extra).length === 0 ? undefined : extra),
  };
}

/** @throws GatewayError `invalid_request` */
export function decodeToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  switch (choice) {
    case undefined:
    case null:
      return undefined;
    case 'REQUIRED':
      return { type: 'required' };
    case 'NONE':
      return { type: 'none' };
    default:
      throw refusal('tool_choice', 'must be "REQUIRED" or "NONE"');
  }
}

/** `tools`, `tool_choice` and `strict_tools` of an outgoing request. */
export interface EncodedTools {
  readonly tools?: readonly JsonObject[];
  readonly tool_choice?: 'REQUIRED' | 'NONE';
  readonly strict_tools?: boolean;
}

/** A choice cannot name tools here, so only the named ones are sent. */
export function encodeTools(request: ChatRequest, dropped: Set<string>): EncodedTools {
  const names = chosenNames(request.toolChoice);
  const functions = (request.tools ?? []).filter((tool) => isSent(tool, names, dropped));
  if (request.parallelToolCalls === false) dropped.add('parallel_tool_calls');
  if (functions.length === 0) {
    if (forcesCall(request.toolChoice)) dropped.add('tool_choice');
    return {};
  }
  const choice = encodeChoice(request.toolChoice);
  return {
    tools: functions.map((tool) => encodeFunction(tool, dropped)),
    ...(choice !== undefined && { tool_choice: choice }),
    ...encodeStrictness(functions, dropped),
  };
}

function isSent(tool: Tool, names: readonly string[] | undefined, dropped: Set<string>): tool is FunctionTool {
  if (tool.type === 'function') return names?.includes(tool.name) ?? true;
  dropped.add('tools');
  return false;
}

function encodeChoice(choice: ToolChoice | undefined): 'REQUIRED' | 'NONE' | undefined {
  switch (choice?.type) {
    case 'required':
    case 'tool':
      return 'REQUIRED';
    case 'none':
      return 'NONE';
    default:
      return undefined;
  }
}

/** Parameters are required, an empty object's among them. */
function encodeFunction(tool: FunctionTool, dropped: Set<string>): JsonObject {
  for (const key of Object.keys(ownExtensions(tool.extensions, dropped))) dropped.add(key);
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description !== undefined && { description: tool.description }),
      parameters: tool.parameters ?? { type: 'object', properties: {} },
    },
  };
}

function encodeStrictness(tools: readonly FunctionTool[], dropped: Set<string>): { strict_tools?: boolean } {
  if (tools.every(({ strict }) => strict === true)) return { strict_tools: true };
  if (tools.some(({ strict }) => strict === true)) dropped.add('tools.function.strict');
  return tools.every(({ strict }) => strict === false) ? { strict_tools: false } : {};
}
