import { asArray, asObject, type JsonObject, type JsonValue } from '../../../src/core/json.ts';

/*
 * Two GenerateContentRequests mean the same when these forms of them are equal. Written against Google's documentation
 * and not with the dialect's own code: https://ai.google.dev/api/generate-content
 */

/** One spelling, no defaults, one turn per run of a role, function responses before what the user says. */
export function equivalentRequest(body: JsonObject): JsonObject {
  const { model: _, contents, systemInstruction, tools, toolConfig, generationConfig, ...rest } = message(body);
  return withoutEmpty({
    ...rest,
    contents: mergedTurns(asArray(contents).map(turn)),
    systemInstruction: list(message(systemInstruction).parts).map(part).filter(says),
    tools: asArray(tools).flatMap(flatTool),
    toolConfig: normalToolConfig(message(toolConfig)),
    generationConfig: normalConfig(message(generationConfig)),
  });
}

function message(value: JsonValue | undefined): JsonObject {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {})
      .filter(([, field]) => field !== null)
      .map(([key, field]) => [key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), field]),
  );
}

function list(value: JsonValue | undefined): readonly JsonValue[] {
  return asObject(value) === undefined ? asArray(value) : [value ?? null];
}

function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && !/^(?:\{\}|\[\])$/.test(JSON.stringify(value))),
  );
}

interface Turn {
  readonly role: string;
  readonly parts: readonly JsonObject[];
}

function turn(value: JsonValue): Turn {
  const { role, parts } = message(value);
  const all = list(parts).map(part);
  const said = all.filter(says);
  return { role: role === 'model' ? 'model' : 'user', parts: said.length === 0 ? all : said };
}

/** An empty text says nothing, unless it carries a signature. */
function says({ text, thoughtSignature }: JsonObject): boolean {
  return text !== '' || thoughtSignature !== undefined;
}

function part(value: JsonValue): JsonObject {
  const { thought, functionCall, functionResponse, inlineData, fileData, ...rest } = message(value);
  return {
    ...rest,
    ...(thought === true && { thought }),
    ...(functionCall !== undefined && { functionCall: call(message(functionCall)) }),
    ...(functionResponse !== undefined && { functionResponse: response(message(functionResponse)) }),
    ...(inlineData !== undefined && { inlineData: message(inlineData) }),
    ...(fileData !== undefined && { fileData: message(fileData) }),
  };
}

function response({ parts, ...rest }: JsonObject): JsonObject {
  return { ...rest, ...(parts !== undefined && { parts: list(parts).map(part) }) };
}

/** The one recorded history with streamed arguments has them as plain numbers under top-level names. */
function call({ args, partialArgs, ...rest }: JsonObject): JsonObject {
  const streamed = asArray(partialArgs).map((partial) => {
    const { jsonPath, numberValue } = message(partial);
    return [String(jsonPath).replace('$.', ''), numberValue];
  });
  return { ...rest, args: args ?? Object.fromEntries(streamed) };
}

function mergedTurns(turns: readonly Turn[]): JsonValue {
  const merged: { role: string; parts: JsonObject[] }[] = [];
  for (const { role, parts } of turns) {
    const last = merged.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else merged.push({ role, parts: [...parts] });
  }
  return merged.map(({ role, parts }) => ({
    role,
    parts: role === 'user' ? parts.toSorted((a, b) => Number(isResponse(b)) - Number(isResponse(a))) : parts,
  }));
}

function isResponse(value: JsonObject): boolean {
  return value.functionResponse !== undefined;
}

/** One entry per function and per tool of Google's own, whichever way they were grouped. */
function flatTool(value: JsonValue): JsonObject[] {
  return Object.entries(message(value)).flatMap(([key, field]) =>
    key === 'functionDeclarations' ? asArray(field).map(declaration) : [{ [key]: field }],
  );
}

function declaration(value: JsonValue): JsonObject {
  const { parameters, parametersJsonSchema, ...rest } = message(value);
  const schema = asObject(jsonSchema(parametersJsonSchema ?? parameters ?? {})) ?? {};
  const takesArguments = Object.keys(asObject(schema.properties) ?? {}).length > 0;
  return { ...rest, ...(takesArguments && { parameters: schema }) };
}

/** Google takes types in either case; `nullable` is OpenAPI's way to allow null. */
function jsonSchema(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(jsonSchema);
  const object = asObject(value);
  if (object === undefined) return value;
  const { nullable, ...rest } = object;
  const entries = Object.entries(rest).map(([key, field]): [string, JsonValue | undefined] => {
    if (key !== 'type' || typeof field !== 'string') return [key, field === undefined ? undefined : jsonSchema(field)];
    return [key, nullable === true ? [field.toLowerCase(), 'null'] : field.toLowerCase()];
  });
  return Object.fromEntries(entries);
}

function normalToolConfig({ functionCallingConfig, ...rest }: JsonObject): JsonObject {
  const { mode, ...calling } = message(functionCallingConfig);
  const normal = { ...calling, ...(mode !== undefined && { mode: String(mode).toUpperCase() }) };
  return withoutEmpty({ ...rest, functionCallingConfig: normal });
}

function normalConfig(config: JsonObject): JsonObject {
  const { thinkingConfig, responseSchema, responseJsonSchema, ...rest } = config;
  const thinking = message(thinkingConfig);
  const schema = responseJsonSchema ?? responseSchema;
  return withoutEmpty({
    ...rest,
    ...(schema !== undefined && { responseSchema: jsonSchema(schema) }),
    thinkingConfig: {
      ...thinking,
      ...(thinking.thinkingLevel !== undefined && { thinkingLevel: String(thinking.thinkingLevel).toLowerCase() }),
    },
  });
}
