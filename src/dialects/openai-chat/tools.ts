import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { Extensions, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { acceptsField, type ModelProfile } from './model-profile.ts';
import { invalidRequest, type MutableJson } from './wire.ts';

const toolMembers = new Set(['type', 'function']);
const functionMembers = new Set(['name', 'description', 'parameters', 'strict']);

// ---- Reading ----

/** https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools */
export function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) throw invalidRequest('tools', 'must be an array');
  return tools.map((tool, index) => decodeTool(tool, `tools[${index}]`));
}

function decodeTool(tool: JsonValue, where: string): Tool {
  if (!isJsonObject(tool)) throw invalidRequest(where, 'must be an object');
  // Some servers, and their clients, leave the type out.
  if ((tool.type ?? 'function') !== 'function') return { type: 'provider', dialect: 'openai-chat', data: tool };
  const definition = asObject(tool.function);
  if (definition === undefined) throw invalidRequest(`${where}.function`, 'must be an object');
  if (typeof definition.name !== 'string') throw invalidRequest(`${where}.function.name`, 'must be a string');
  const { name, strict } = definition;
  const description = asString(definition.description);
  const parameters = asObject(definition.parameters);
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(typeof strict === 'boolean' && { strict }),
    ...toolExtensions(tool, definition),
  };
}

function toolExtensions(tool: JsonObject, definition: JsonObject): { extensions?: Extensions } {
  const onTool = otherMembers(tool, toolMembers);
  const onFunction = otherMembers(definition, functionMembers);
  if (onTool === undefined && onFunction === undefined) return {};
  return { extensions: { 'openai-chat': { ...onTool, ...(onFunction !== undefined && { function: onFunction }) } } };
}

/** A choice in one of its forms; `undefined` for forms only this dialect has (custom tools), which travel as they are. */
export function decodeToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  switch (choice) {
    case 'auto':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'required':
    case 'any':
      return { type: 'required' };
  }
  if (!isJsonObject(choice)) return undefined;
  const name =
    asString(asObject(choice.function)?.name) ?? (choice.type === 'function' ? asString(choice.name) : undefined);
  if (name !== undefined) return { type: 'tool', name };
  return choice.type === 'allowed_tools' ? decodeAllowedTools(choice) : undefined;
}

function decodeAllowedTools(choice: JsonObject): ToolChoice | undefined {
  const allowed = asObject(choice.allowed_tools);
  const tools = asArray(allowed?.tools);
  const names = tools.flatMap((tool) => asString(asObject(asObject(tool)?.function)?.name) ?? []);
  if (names.length === 0 || names.length !== tools.length) return undefined;
  return { type: allowed?.mode === 'required' ? 'required' : 'allowed', names };
}

// ---- Writing ----

export interface EncodedTools {
  readonly tools?: readonly JsonObject[];
  readonly choice?: JsonValue;
  readonly dropped: readonly string[];
}

/** Tools and the choice among them, which providers without a form for it get as a shorter list. */
export function encodeTools(
  tools: readonly Tool[],
  choice: ToolChoice | undefined,
  profile: ModelProfile,
): EncodedTools {
  const dropped = new Set<string>();
  const offered = offeredTools(tools, choice, profile);
  const encoded = offered.flatMap((tool) => encodeTool(tool, profile, dropped));
  if (encoded.length === 0) {
    if (choice !== undefined && demandsCall(choice)) dropped.add('tool_choice');
    return { dropped: [...dropped] };
  }
  return {
    tools: encoded,
    ...(choice !== undefined && { choice: encodeToolChoice(choice, profile) }),
    dropped: [...dropped],
  };
}

function offeredTools(tools: readonly Tool[], choice: ToolChoice | undefined, profile: ModelProfile): readonly Tool[] {
  const names = choice === undefined ? undefined : namesWithoutForm(choice, profile);
  if (names === undefined) return tools;
  return tools.filter((tool) => tool.type === 'function' && names.includes(tool.name));
}

/** The names a choice restricts the tools to, where the provider has no form to say so. */
function namesWithoutForm(choice: ToolChoice, profile: ModelProfile): readonly string[] | undefined {
  if (choice.type === 'tool') return profile.namedToolChoice ? undefined : [choice.name];
  if (choice.type !== 'allowed' && choice.type !== 'required') return undefined;
  return profile.allowedTools ? undefined : choice.names;
}

function demandsCall(choice: ToolChoice): boolean {
  return choice.type === 'required' || choice.type === 'tool';
}

function encodeTool(tool: Tool, profile: ModelProfile, dropped: Set<string>): JsonObject[] {
  if (tool.type === 'function') return [encodeFunction(tool, profile, dropped)];
  if (tool.dialect === 'openai-chat') return [tool.data];
  dropped.add('tools');
  return [];
}

function encodeFunction(tool: FunctionTool, profile: ModelProfile, dropped: Set<string>): JsonObject {
  const { name, description, parameters, strict, extensions } = tool;
  const own = extensions?.['openai-chat'];
  const onFunction = asObject(own?.function);
  const wire: MutableJson = {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && profile.strictTools && { strict }),
      ...(profile.extraFields === 'all' && onFunction),
    },
  };
  for (const key of Object.keys(own ?? {})) {
    if (key === 'function' || key in wire) continue;
    if (acceptsField(profile, key)) wire[key] = own?.[key];
    else dropped.add(`tools.${key}`);
  }
  return wire;
}

function encodeToolChoice(choice: ToolChoice, profile: ModelProfile): JsonValue {
  const required = profile.requiredToolChoice;
  switch (choice.type) {
    case 'auto':
    case 'none':
      return choice.type;
    case 'tool':
      return profile.namedToolChoice ? { type: 'function', function: { name: choice.name } } : required;
    case 'required':
      return choice.names !== undefined && profile.allowedTools ? allowedTools('required', choice.names) : required;
    case 'allowed':
      return profile.allowedTools ? allowedTools('auto', choice.names) : 'auto';
  }
}

function allowedTools(mode: 'auto' | 'required', names: readonly string[]): JsonObject {
  const tools = names.map((name) => ({ type: 'function', function: { name } }));
  return { type: 'allowed_tools', allowed_tools: { mode, tools } };
}
