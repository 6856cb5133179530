import { asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { decodeToolList } from '../decode-tool-list.ts';
import { refusal } from '../refusal.ts';
import { dialect } from './wire.ts';

export interface DecodedTools {
  readonly tools?: readonly Tool[];
  readonly toolChoice?: ToolChoice;
}

/**
 * Functions of the caller. Tools of the provider and the cache points between them are kept whole.
 * @throws GatewayError `invalid_request`
 */
export function decodeToolConfig(value: JsonValue | undefined): DecodedTools {
  if (value == null) return {};
  const config = asObject(value);
  const tools = decodeToolList(config?.tools, 'toolConfig.tools', decodeTool);
  return { tools, ...decodeToolChoice(config?.toolChoice) };
}

function decodeTool(entry: JsonObject): Tool | undefined {
  const spec = asObject(entry.toolSpec);
  if (spec !== undefined) return decodeFunction(spec);
  return isJsonObject(entry.systemTool) || isJsonObject(entry.cachePoint)
    ? { type: 'provider', dialect, data: entry }
    : undefined;
}

function decodeFunction(spec: JsonObject): FunctionTool | undefined {
  const name = asString(spec.name);
  const description = asString(spec.description);
  const parameters = asObject(asObject(spec.inputSchema)?.json);
  if (name === undefined) return undefined;
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...(typeof spec.strict === 'boolean' && { strict: spec.strict }),
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html */
function decodeToolChoice(value: JsonValue | undefined): DecodedTools {
  if (value == null) return {};
  const choice = asObject(value) ?? {};
  const name = asString(asObject(choice.tool)?.name);
  if (name !== undefined) return { toolChoice: { type: 'tool', name } };
  if (isJsonObject(choice.any)) return { toolChoice: { type: 'required' } };
  if (isJsonObject(choice.auto)) return { toolChoice: { type: 'auto' } };
  throw refusal('toolConfig.toolChoice', 'must be auto, any, or a tool with its name');
}
