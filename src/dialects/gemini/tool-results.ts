import { asObject, asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ToolResultPart } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { isMadeUp } from './call-ids.ts';
import { dropForeign, type Encoding } from './encoding.ts';
import { decodeMedia, encodeMedia, type Place } from './media.ts';
import { ownPart } from './parts.ts';
import { geminiExtensions, wireList, wireObject, withExtension } from './wire.ts';

/*
 * https://ai.google.dev/api/caching#FunctionResponse
 *
 * A response is always an object. A result in text stands under `result`, a failure under `error`.
 */

type ResultContent = ToolResultPart['content'][number];

const partFields: ReadonlySet<string> = new Set(['functionResponse', 'thought']);
const responseFields: ReadonlySet<string> = new Set(['name', 'response', 'parts', 'id']);

/** @param toolCallId the call this answers; where the wire named another id, that one comes back */
export function decodeToolResult(part: JsonObject, response: JsonObject, toolCallId: string): ToolResultPart {
  const structured = asObject(response.response) ?? {};
  const name = asString(response.name);
  const id = asString(response.id);
  const rest = {
    ...otherMembers(response, responseFields),
    ...(id !== undefined && id !== '' && id !== toolCallId && { id }),
  };
  return {
    type: 'tool-result',
    toolCallId,
    ...(name !== undefined && name !== '' && { toolName: name }),
    content: [{ type: 'text', text: plainText(structured) }, ...wireList(response.parts).map(decodeMediaPart)],
    structured,
    ...(isFailure(structured) && { isError: true }),
    ...geminiExtensions(
      otherMembers(part, partFields),
      Object.keys(rest).length > 0 ? { functionResponse: rest } : undefined,
    ),
  };
}

/** The text that libraries wrap into an object, or the object's JSON text. */
function plainText(response: JsonObject): string {
  const [key, ...others] = Object.keys(response);
  const value = key === undefined ? undefined : response[key];
  const wraps = key === 'result' || key === 'output' || key === 'error';
  return others.length === 0 && wraps && typeof value === 'string' ? value : JSON.stringify(response);
}

function isFailure(response: JsonObject): boolean {
  const keys = Object.keys(response);
  return keys.length === 1 && keys[0] === 'error';
}

function decodeMediaPart(value: JsonValue): ResultContent {
  const fields = wireObject(value);
  const media = fields && decodeMedia(fields);
  if (media?.type === 'image' || media?.type === 'file') return media;
  return ownPart(fields ?? { data: value });
}

/** One function response, and media that the model takes only beside it. */
export interface EncodedToolResult {
  readonly part: JsonObject;
  readonly media: readonly JsonObject[];
}

/** Where and for which function a result stands. */
export interface ResultTarget {
  readonly name: string;
  readonly place: Place;
}

export function encodeToolResult(part: ToolResultPart, target: ResultTarget, encoding: Encoding): EncodedToolResult {
  dropForeign(part.extensions, encoding);
  const media = encodeResultMedia(part, target.place, encoding);
  const inside = encoding.traits.mediaInToolResults && media.length > 0;
  const functionResponse = {
    ...(isMadeUp(part.toolCallId) ? {} : { id: part.toolCallId }),
    name: target.name,
    response: encodeResponse(part),
    ...(inside && { parts: media }),
  };
  const extension = part.extensions?.gemini;
  const ownId = asString(wireObject(extension?.functionResponse ?? null)?.id);
  const named = ownId === undefined ? functionResponse : { ...functionResponse, id: ownId };
  return { part: withExtension({ functionResponse: named }, extension), media: inside ? [] : media };
}

/** The object the tool gave, unless somebody has changed the text since. */
function encodeResponse(part: ToolResultPart): JsonObject {
  const texts = part.content.flatMap((inner) => (inner.type === 'text' ? [inner.text] : []));
  const text = texts.join('\n');
  const { structured } = part;
  if (structured !== undefined && (texts.length === 0 || plainText(structured) === text)) return structured;
  return { [part.isError === true ? 'error' : 'result']: text };
}

function encodeResultMedia(part: ToolResultPart, place: Place, encoding: Encoding): JsonObject[] {
  return part.content.flatMap((inner): JsonObject[] => {
    if (inner.type === 'text') return [];
    if (inner.type !== 'extension') return [encodeMediaPart(inner, place, encoding)];
    if (inner.dialect === 'gemini') return [inner.data];
    encoding.dropped.add(asString(inner.data.type) ?? 'content');
    return [];
  });
}

/** An image, file or audio part, with the fields only Gemini has. */
export function encodeMediaPart(part: Parameters<typeof encodeMedia>[0], place: Place, encoding: Encoding): JsonObject {
  dropForeign(part.extensions, encoding);
  if (part.type === 'image' && part.detail !== undefined && part.detail !== 'auto') encoding.dropped.add('detail');
  const extension = part.extensions?.gemini;
  const named = part.type === 'file' && part.filename !== undefined;
  // The Gemini API refuses names on media; Vertex AI takes them, and its callers' own come back from the extension.
  if (named && extension === undefined) encoding.dropped.add('filename');
  return withExtension(encodeMedia(part, encoding.traits, place), extension);
}
