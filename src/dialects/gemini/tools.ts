import { asArray, asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ChatRequest, FunctionTool, Tool, ToolChoice } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { dropForeign, type Encoding } from './encoding.ts';
import { toOpenApiSchema } from './schema.ts';
import { fromOpenApiSchema } from './schema-decode.ts';
import { geminiExtensions, wireList, wireObject, withExtension } from './wire.ts';

/* https://ai.google.dev/api/caching#Tool and #FunctionDeclaration */

const declarationFields: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'parametersJsonSchema']);

/** `undefined` where the request declares no tools. */
export function decodeTools(tools: JsonValue | undefined): readonly Tool[] | undefined {
  const decoded = wireList(tools).flatMap((tool) => Object.entries(wireObject(tool) ?? {}).flatMap(decodeTool));
  return decoded.length === 0 ? undefined : decoded;
}

/** One field of a tool: the functions, or something Google runs itself (`googleSearch`, `codeExecution`, ...). */
function decodeTool([field, value]: [string, JsonValue | undefined]): Tool[] {
  if (value === undefined) return [];
  if (field !== 'functionDeclarations') return [{ type: 'provider', dialect: 'gemini', data: { [field]: value } }];
  return wireList(value).flatMap((declaration) => {
    const fields = wireObject(declaration);
    return fields === undefined ? [] : [decodeDeclaration(fields)];
  });
}

function decodeDeclaration(declaration: JsonObject): FunctionTool {
  const description = asString(declaration.description);
  const { parameters, kept } = decodeParameters(declaration);
  return {
    type: 'function',
    name: asString(declaration.name) ?? '',
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
    ...geminiExtensions(otherMembers(declaration, declarationFields), kept),
  };
}

/** The parameters as JSON Schema; where the wire had another form, that one is kept beside it. */
function decodeParameters(declaration: JsonObject): { readonly parameters?: JsonObject; readonly kept?: JsonObject } {
  const jsonSchema = asObject(declaration.parametersJsonSchema);
  if (jsonSchema !== undefined) return { parameters: jsonSchema };
  const openApi = asObject(declaration.parameters);
  if (openApi === undefined) return {};
  const parameters = fromOpenApiSchema(openApi);
  return sameJson(parameters, openApi) ? { parameters } : { parameters, kept: { parameters: openApi } };
}

/** @returns `tools` of the request; `undefined` for none */
export function encodeTools(request: ChatRequest, encoding: Encoding): readonly JsonObject[] | undefined {
  const tools: JsonObject[] = [];
  const functionDeclarations: JsonObject[] = [];
  for (const tool of request.tools ?? []) {
    if (tool.type === 'provider') {
      if (tool.dialect === 'gemini') tools.push(tool.data);
      else encoding.dropped.add('tools');
    } else if (isAllowed(tool, request)) {
      // All functions stand together, where the first of them stood.
      if (functionDeclarations.length === 0) tools.push({ functionDeclarations });
      functionDeclarations.push(encodeDeclaration(tool, encoding));
    }
  }
  return tools.length === 0 ? undefined : tools;
}

/** Gemini can force a choice among functions but not merely permit one: the others are left out. */
function isAllowed(tool: FunctionTool, request: ChatRequest): boolean {
  const choice = request.toolChoice;
  return choice?.type !== 'allowed' || isValidated(request) || choice.names.includes(tool.name);
}

function encodeDeclaration(tool: FunctionTool, encoding: Encoding): JsonObject {
  dropForeign(tool.extensions, encoding);
  if (tool.strict === true) encoding.dropped.add('tools.function.strict');
  const { parameters: openApi, ...extension } = tool.extensions?.gemini ?? {};
  const own: JsonObject = {
    name: tool.name,
    ...(tool.description !== undefined && { description: tool.description }),
    ...encodeParameters(tool.parameters, asObject(openApi), encoding),
  };
  return withExtension(own, extension);
}

function encodeParameters(
  parameters: JsonObject | undefined,
  openApi: JsonObject | undefined,
  encoding: Encoding,
): JsonObject {
  // An object without properties is refused by the OpenAPI subset; no parameters means the same.
  if (parameters === undefined || takesNothing(parameters)) return {};
  if (openApi !== undefined && sameJson(fromOpenApiSchema(openApi), parameters)) return { parameters: openApi };
  if (encoding.traits.jsonSchema) return { parametersJsonSchema: parameters };
  return { parameters: toOpenApiSchema(parameters) };
}

function takesNothing(schema: JsonObject): boolean {
  const properties = asObject(schema.properties);
  const described = ['$ref', 'allOf', 'anyOf', 'oneOf', 'patternProperties'].some((key) => schema[key] !== undefined);
  const open = asObject(schema.additionalProperties) !== undefined;
  return !described && !open && (properties === undefined || Object.keys(properties).length === 0);
}

/** Whether two values are the same JSON, keys in the same order. */
export function sameJson(a: JsonValue, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

// ---- Choice ----

/** https://ai.google.dev/api/caching#FunctionCallingConfig */
export interface DecodedToolConfig {
  readonly toolChoice?: ToolChoice;
  /** What is left of `toolConfig`. */
  readonly rest?: JsonObject;
}

const choiceFields: ReadonlySet<string> = new Set(['mode', 'allowedFunctionNames']);
const configFields: ReadonlySet<string> = new Set(['functionCallingConfig']);

export function decodeToolConfig(value: JsonValue | undefined): DecodedToolConfig {
  const config = wireObject(value);
  if (config === undefined) return {};
  const calling = wireObject(config.functionCallingConfig) ?? {};
  const mode = asString(calling.mode)?.toUpperCase();
  const names = asArray(calling.allowedFunctionNames).filter((name) => typeof name === 'string');
  const toolChoice = decodeChoice(mode, names);
  const callingRest = {
    ...otherMembers(calling, choiceFields),
    // Calls that keep to the schema, or text: `auto` with more care.
    ...(mode === 'VALIDATED' && { mode }),
  };
  const rest = {
    ...otherMembers(config, configFields),
    ...(Object.keys(callingRest).length > 0 && { functionCallingConfig: callingRest }),
  };
  return { ...(toolChoice && { toolChoice }), ...(Object.keys(rest).length > 0 && { rest }) };
}

function decodeChoice(mode: string | undefined, names: readonly string[]): ToolChoice | undefined {
  const [name, ...others] = names;
  switch (mode) {
    case 'NONE':
      return { type: 'none' };
    case 'ANY':
      if (name === undefined) return { type: 'required' };
      return others.length === 0 ? { type: 'tool', name } : { type: 'required', names };
    case 'AUTO':
    case 'VALIDATED':
      return name === undefined ? { type: 'auto' } : { type: 'allowed', names };
    default:
      return undefined;
  }
}

/** @param hasFunctions without functions a choice among them is refused */
export function encodeToolConfig(request: ChatRequest, hasFunctions: 'functions' | 'none'): JsonObject | undefined {
  const rest = asObject(request.extensions?.gemini?.toolConfig);
  const choice = hasFunctions === 'functions' ? encodeChoice(request) : {};
  const { functionCallingConfig, ...others } = rest ?? {};
  const calling = { ...asObject(functionCallingConfig), ...choice };
  const config = { ...others, ...(Object.keys(calling).length > 0 && { functionCallingConfig: calling }) };
  return Object.keys(config).length === 0 ? undefined : config;
}

function encodeChoice(request: ChatRequest): JsonObject {
  const choice = request.toolChoice;
  if (choice === undefined) return {};
  switch (choice.type) {
    case 'auto':
      return { mode: isValidated(request) ? 'VALIDATED' : 'AUTO' };
    case 'allowed':
      return isValidated(request) ? { mode: 'VALIDATED', allowedFunctionNames: choice.names } : { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY', ...(choice.names !== undefined && { allowedFunctionNames: choice.names }) };
    case 'tool':
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  }
}

function isValidated(request: ChatRequest): boolean {
  const config = asObject(asObject(request.extensions?.gemini?.toolConfig)?.functionCallingConfig);
  return config?.mode === 'VALIDATED';
}
