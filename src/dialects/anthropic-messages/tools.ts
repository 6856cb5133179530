import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { chosenNames, toolName } from '../chosen-tools.ts';
import { decodeToolList } from '../decode-tool-list.ts';
import { forcesCall } from '../forces-call.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import type { ModelTraits } from './models.ts';
import { cleanSchema } from './schema.ts';
import { blockExtensions, dialect, withExtensions } from './wire.ts';

const toolKeys: ReadonlySet<string> = new Set(['name', 'description', 'input_schema', 'strict']);

/**
 * Tools without a `type`, or of type `custom`, are the caller's functions; all others belong to the API.
 * @throws GatewayError `invalid_request`
 */
export function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  if (tools == null) return undefined;
  return decodeToolList(tools, 'tools', decodeTool);
}

function decodeTool(tool: JsonObject): Tool | undefined {
  if (tool.type != null && tool.type !== 'custom') return { type: 'provider', dialect, data: tool };
  const name = asString(tool.name);
  const parameters = asObject(tool.input_schema);
  const description = asString(tool.description);
  if (name === undefined) return undefined;
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(typeof tool.strict === 'boolean' && { strict: tool.strict }),
    ...withExtensions(givenMembers(tool, toolKeys)),
  };
}

export interface DecodedToolChoice {
  readonly toolChoice?: ToolChoice;
  readonly parallelToolCalls?: boolean;
}

/** @throws GatewayError `invalid_request` */
export function decodeToolChoice(value: JsonValue | undefined): DecodedToolChoice {
  if (value == null) return {};
  const choice = asObject(value);
  const toolChoice = choice === undefined ? undefined : decodeChoice(choice);
  if (toolChoice === undefined) throw refusal('tool_choice', 'must be auto, any, none, or a tool with its name');
  const oneByOne = choice?.disable_parallel_tool_use;
  return { toolChoice, ...(typeof oneByOne === 'boolean' && { parallelToolCalls: !oneByOne }) };
}

function decodeChoice(choice: JsonObject): ToolChoice | undefined {
  const name = asString(choice.name);
  switch (choice.type) {
    case 'auto':
    case 'none':
      return { type: choice.type };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return name === undefined ? undefined : { type: 'tool', name };
    default:
      return undefined;
  }
}

/** `tools` and `tool_choice` of an outgoing request. */
export interface EncodedTools {
  readonly tools?: readonly JsonObject[];
  readonly tool_choice?: JsonObject;
}

/**
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools#controlling-claudes-output
 *
 * Naming several tools is done by sending no others. Where the model takes no forced call, the choice becomes `auto`
 * among the tools it named. `tool_choice` without tools is refused, so it goes with them.
 */
export function encodeTools(request: ChatRequest, traits: ModelTraits, dropped: Set<string>): EncodedTools {
  const names = namesToSend(request.toolChoice, traits);
  const tools = (request.tools ?? [])
    .filter((tool) => names === undefined || names.includes(toolName(tool)))
    .map((tool) => encodeTool(tool, traits, dropped))
    .filter((tool) => tool !== undefined);
  if (tools.length === 0) {
    if (forcesCall(request.toolChoice)) dropped.add('tool_choice');
    return {};
  }
  const choice = encodeChoice(request, traits, dropped);
  return choice === undefined ? { tools } : { tools, tool_choice: choice };
}

/** Whether a choice in this dialect's words forces a call. */
export function isForced(choice: JsonValue | undefined): boolean {
  const type = asObject(choice)?.type;
  return type === 'any' || type === 'tool';
}

/** A single tool that is to be called can be the only one sent, where it cannot be named. */
function namesToSend(choice: ToolChoice | undefined, traits: ModelTraits): readonly string[] | undefined {
  return choice?.type === 'tool' && traits.forcedToolChoice !== 'refused' ? undefined : chosenNames(choice);
}

function encodeTool(tool: Tool, traits: ModelTraits, dropped: Set<string>): JsonObject | undefined {
  if (tool.type === 'function') return encodeFunction(tool, traits, dropped);
  if (tool.dialect === dialect) return tool.data;
  dropped.add('tools');
  return undefined;
}

function encodeFunction(tool: FunctionTool, traits: ModelTraits, dropped: Set<string>): JsonObject {
  const strict = traits.structuredOutput === 'accepted' ? tool.strict : undefined;
  if (tool.strict === true && strict === undefined) dropped.add('tools.function.strict');
  return {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    input_schema: inputSchema(tool.parameters, strict === true ? dropped : undefined),
    ...(strict !== undefined && { strict }),
    ...blockExtensions(tool.extensions, dropped),
  };
}

/** A schema is required and its `type` is, too. Only strict tools are bound by the limits of structured outputs. */
function inputSchema(parameters: JsonObject | undefined, strictDropped: Set<string> | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} };
  const schema = parameters.type === undefined ? { ...parameters, type: 'object' } : parameters;
  if (strictDropped === undefined) return schema;
  const cleaned = cleanSchema(schema);
  if (cleaned.changed) strictDropped.add('tools.function.parameters');
  return cleaned.schema;
}

function encodeChoice(request: ChatRequest, traits: ModelTraits, dropped: Set<string>): JsonObject | undefined {
  const choice = encodeChoiceType(request.toolChoice, traits, dropped);
  if (request.parallelToolCalls !== false || choice?.type === 'none') return choice;
  return { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: true };
}

function encodeChoiceType(
  choice: ToolChoice | undefined,
  traits: ModelTraits,
  dropped: Set<string>,
): JsonObject | undefined {
  if (forcesCall(choice) && traits.forcedToolChoice === 'refused') {
    dropped.add('tool_choice');
    return { type: 'auto' };
  }
  switch (choice?.type) {
    case 'auto':
    case 'allowed':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'required':
      return { type: 'any' };
    case 'tool':
      return { type: 'tool', name: choice.name };
    default:
      return undefined;
  }
}
