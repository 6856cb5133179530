import { asObject, asString, type JsonObject } from '../../core/json.ts';
import { asStrings } from '../json-lists.ts';
import { camelCaseItems, camelCaseKeys } from './camel-case.ts';

/** A request with its field names in one spelling. */
export interface RequestView {
  readonly contents: readonly ContentView[];
  readonly systemParts: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
  readonly functions: readonly JsonObject[];
  readonly generation: JsonObject;
  readonly thinking: JsonObject | undefined;
  readonly callingMode: string | undefined;
  readonly allowedNames: readonly string[] | undefined;
}

export interface ContentView {
  readonly role: string | undefined;
  readonly parts: readonly JsonObject[];
  /** Whether the content has a `parts` field at all. */
  readonly raw: JsonObject;
}

export function viewRequest(body: JsonObject): RequestView {
  const request = camelCaseKeys(body) ?? {};
  const generation = camelCaseKeys(request.generationConfig) ?? {};
  const tools = camelCaseItems(request.tools);
  const calling = camelCaseKeys(camelCaseKeys(request.toolConfig)?.functionCallingConfig);
  const allowed = calling?.allowedFunctionNames;
  return {
    contents: camelCaseItems(request.contents).map(viewContent),
    systemParts: camelCaseItems(camelCaseKeys(request.systemInstruction)?.parts),
    tools,
    functions: tools.flatMap((tool) => camelCaseItems(tool.functionDeclarations)),
    generation,
    thinking: camelCaseKeys(generation.thinkingConfig),
    callingMode: asString(calling?.mode)?.toUpperCase(),
    allowedNames: allowed === undefined ? undefined : asStrings(allowed),
  };
}

function viewContent(content: JsonObject): ContentView {
  return { role: asString(content.role), parts: camelCaseItems(content.parts), raw: content };
}

/** A part's text, tool call or tool result as the words a model reads. */
export function partText(part: JsonObject): string {
  const own = asString(part.text);
  if (own !== undefined) return own;
  const structured = asObject(part.functionCall) ?? asObject(part.functionResponse);
  return structured === undefined ? '' : JSON.stringify(structured);
}
