import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Extensions, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { invalidRequest } from './wire.ts';

const functionMembers: ReadonlySet<string> = new Set(['type', 'name', 'description', 'parameters', 'strict']);

// ---- Reading ----

/** https://platform.openai.com/docs/api-reference/responses/create#responses-create-tools */
export function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) throw invalidRequest('tools', 'must be an array');
  return tools.map((tool, index) => decodeTool(tool, `tools[${index}]`));
}

/**
 * Functions are strict here unless they say otherwise, where their schema allows it; elsewhere they are not. Only what is
 * said is carried over, because a schema that is not made for strict mode would be refused.
 */
function decodeTool(tool: JsonValue, where: string): Tool {
  if (!isJsonObject(tool)) throw invalidRequest(where, 'must be an object');
  if (tool.type !== 'function') {
    if (typeof tool.type !== 'string') throw invalidRequest(`${where}.type`, 'must name the kind of the tool');
    return { type: 'provider', dialect: 'openai-responses', data: tool };
  }
  // Some clients send the form of chat completions.
  const definition = typeof tool.name === 'string' ? tool : { ...tool, ...asObject(tool.function) };
  if (typeof definition.name !== 'string') throw invalidRequest(`${where}.name`, 'must be a string');
  const description = asString(definition.description);
  const parameters = asObject(definition.parameters);
  return {
    type: 'function',
    name: definition.name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(definition.strict === true && { strict: true }),
    ...toolExtensions(definition),
  };
}

function toolExtensions(definition: JsonObject): { readonly extensions?: Extensions } {
  const { function: _, ...others } = otherMembers(definition, functionMembers) ?? {};
  const told = Object.entries(others).filter(([, value]) => value !== null);
  return told.length === 0 ? {} : { extensions: { 'openai-responses': Object.fromEntries(told) } };
}

/** A choice in one of its forms; `undefined` for forms only this dialect has (hosted tools), which travel as they are. */
export function decodeToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice };
  if (!isJsonObject(choice)) return undefined;
  if (choice.type === 'function' && typeof choice.name === 'string') return { type: 'tool', name: choice.name };
  return choice.type === 'allowed_tools' ? decodeAllowedTools(choice) : undefined;
}

function decodeAllowedTools(choice: JsonObject): ToolChoice | undefined {
  const tools = asArray(choice.tools).map((tool) => asObject(tool));
  const names = tools.flatMap((tool) => (tool?.type === 'function' ? (asString(tool.name) ?? []) : []));
  if (names.length === 0 || names.length !== tools.length) return undefined;
  return { type: choice.mode === 'required' ? 'required' : 'allowed', names };
}

// ---- Writing ----

export function encodeTools(tools: readonly Tool[], dropped: Set<string>): readonly JsonObject[] {
  return tools.flatMap((tool): JsonObject[] => {
    if (tool.type === 'function') return [encodeFunction(tool, dropped)];
    if (tool.dialect === 'openai-responses') return [tool.data];
    dropped.add('tools');
    return [];
  });
}

/** All members are required here: https://platform.openai.com/docs/guides/function-calling */
function encodeFunction(tool: FunctionTool, dropped: Set<string>): JsonObject {
  const { name, description, parameters, strict = false, extensions } = tool;
  for (const [dialect, fields] of Object.entries(extensions ?? {})) {
    if (dialect === 'openai-responses') continue;
    for (const key of Object.keys(fields ?? {})) dropped.add(`tools.${key}`);
  }
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    parameters: parameters ?? { type: 'object', properties: {} },
    strict,
    ...extensions?.['openai-responses'],
  };
}

export function encodeToolChoice(choice: ToolChoice): JsonValue {
  switch (choice.type) {
    case 'auto':
    case 'none':
      return choice.type;
    case 'tool':
      return { type: 'function', name: choice.name };
    case 'required':
      return choice.names === undefined ? 'required' : allowedTools('required', choice.names);
    case 'allowed':
      return allowedTools('auto', choice.names);
  }
}

function allowedTools(mode: 'auto' | 'required', names: readonly string[]): JsonObject {
  return { type: 'allowed_tools', mode, tools: names.map((name) => ({ type: 'function', name })) };
}
