import type { JsonObject } from '../../core/json.ts';
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { chosenNames, toolName } from '../chosen-tools.ts';
import { forcesCall } from '../forces-call.ts';
import { hasText } from '../has-text.ts';
import { cachePointOf } from './cache-points.ts';
import type { ModelTraits } from './models.ts';
import { dialect, ownExtensions } from './wire.ts';

export interface ToolConfigInput {
  readonly request: ChatRequest;
  readonly traits: ModelTraits;
  /** Names of the tools that calls in the history name. */
  readonly called: ReadonlySet<string>;
  /** Whether the model thinks in a way that takes no forced call. */
  readonly forcing: 'possible' | 'impossible';
  readonly dropped: Set<string>;
}

/**
 * A history with tool blocks is refused without `toolConfig`; where the caller sent no tools, those it calls are declared
 * again. `none` has no word here: the tools go, unless the history needs them.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/tool-use.html
 */
export function encodeToolConfig(input: ToolConfigInput): JsonObject | undefined {
  const { request, traits, called, dropped } = input;
  if (traits.tools === 'refused') {
    if ((request.tools ?? []).length > 0) dropped.add('tools');
    if (forcesCall(request.toolChoice)) dropped.add('tool_choice');
    return undefined;
  }
  const isNone = request.toolChoice?.type === 'none';
  if (isNone && called.size === 0) return undefined;
  const names = namesToSend(request.toolChoice, input);
  const tools = (request.tools ?? [])
    .filter((tool) => names === undefined || names.includes(toolName(tool)))
    .flatMap((tool) => encodeTool(tool, traits, dropped));
  const declared = tools.length > 0 ? tools : [...called].map(declaredAgain);
  if (declared.length === 0) {
    if (forcesCall(request.toolChoice)) dropped.add('tool_choice');
    return undefined;
  }
  if (request.parallelToolCalls === false) dropped.add('parallel_tool_calls');
  const toolChoice = encodeChoice(input);
  return { tools: declared, ...(toolChoice !== undefined && { toolChoice }) };
}

/** A single tool that is to be called can be the only one sent, where it cannot be named. */
function namesToSend(choice: ToolChoice | undefined, { traits }: ToolConfigInput): readonly string[] | undefined {
  return choice?.type === 'tool' && traits.toolChoices.includes('tool') ? undefined : chosenNames(choice);
}

function encodeTool(tool: Tool, traits: ModelTraits, dropped: Set<string>): readonly JsonObject[] {
  if (tool.type === 'function') {
    const { cachePoint, extensions } = cachePointOf(tool.extensions, traits, dropped);
    const own = ownExtensions(extensions, dropped);
    return [{ toolSpec: { ...encodeFunction(tool, traits, dropped), ...own } }, ...cachePoint];
  }
  if (tool.dialect !== dialect) {
    dropped.add('tools');
    return [];
  }
  if (tool.data.cachePoint === undefined || traits.cachePoints === 'accepted') return [tool.data];
  dropped.add('cachePoint');
  return [];
}

function encodeFunction(tool: FunctionTool, traits: ModelTraits, dropped: Set<string>): JsonObject {
  const strict = traits.structuredOutput === 'accepted' ? tool.strict : undefined;
  if (tool.strict === true && strict === undefined) dropped.add('tools.function.strict');
  return {
    name: tool.name,
    ...(tool.description !== undefined && hasText(tool.description) && { description: tool.description }),
    inputSchema: { json: inputSchema(tool.parameters) },
    ...(strict !== undefined && { strict }),
  };
}

/** A schema is required, and its `type` is, too. */
function inputSchema(parameters: JsonObject | undefined): JsonObject {
  if (parameters === undefined) return { type: 'object', properties: {} };
  return parameters.type === undefined ? { ...parameters, type: 'object' } : parameters;
}

function declaredAgain(name: string): JsonObject {
  return { toolSpec: { name, inputSchema: { json: inputSchema(undefined) } } };
}

function encodeChoice({ request, traits, forcing, dropped }: ToolConfigInput): JsonObject | undefined {
  const { toolChoice: choice } = request;
  const can = (word: 'auto' | 'any' | 'tool'): boolean => traits.toolChoices.includes(word);
  switch (choice?.type) {
    case 'auto':
    case 'allowed':
      return can('auto') ? { auto: {} } : undefined;
    case 'none':
      dropped.add('tool_choice');
      return undefined;
    case 'required':
    case 'tool': {
      if (forcing === 'possible' && choice.type === 'tool' && can('tool')) return { tool: { name: choice.name } };
      if (forcing === 'possible' && can('any')) return { any: {} };
      dropped.add('tool_choice');
      return can('auto') ? { auto: {} } : undefined;
    }
    default:
      return undefined;
  }
}
