import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { ExtensionPart, ImagePart, MediaSource, ReasoningPart, TextPart } from '../canonical.ts';
import { givenMembers } from '../other-members.ts';
import { refusal } from '../refusal.ts';
import { dialect, withExtensions } from './wire.ts';

/** A part of what a user, a tool or the model says. */
export type ContentPart = TextPart | ImagePart | ReasoningPart | ExtensionPart;

const textKeys: ReadonlySet<string> = new Set(['type', 'text']);
const thinkingKeys: ReadonlySet<string> = new Set(['type', 'thinking']);
const imageKeys: ReadonlySet<string> = new Set(['type', 'image_url']);

/**
 * Content of a message: a string, parts, or nothing.
 * @throws GatewayError `invalid_request` naming the place, as in `messages.0.content.1`
 */
export function decodeContent(content: JsonValue | undefined, place: string): ContentPart[] {
  if (content == null) return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (!Array.isArray(content)) throw refusal(place, 'must be a string or an array of content parts');
  return asArray(content).map((value, index) => {
    const part = isJsonObject(value) ? decodePart(value) : undefined;
    if (part === undefined) throw refusal(`${place}.${index}`, 'is not a valid content part');
    return part;
  });
}

/** Parts of a type we do not know are kept whole. Nothing when the part lacks what its type needs. */
export function decodePart(part: JsonObject): ContentPart | undefined {
  switch (part.type) {
    case 'text':
      return decodeText(part);
    case 'thinking':
      return decodeThinking(part);
    case 'image_url':
      return decodeImage(part);
    case 'document':
      return decodeDocument(part);
    default:
      return typeof part.type === 'string' ? { type: 'extension', dialect, data: part } : undefined;
  }
}

function decodeText(part: JsonObject): TextPart | undefined {
  const text = asString(part.text);
  return text === undefined ? undefined : { type: 'text', text, ...withExtensions(givenMembers(part, textKeys)) };
}

function decodeThinking(part: JsonObject): ReasoningPart | undefined {
  const text = asString(part.thinking);
  if (text === undefined) return undefined;
  return { type: 'reasoning', text, ...withExtensions(givenMembers(part, thinkingKeys)) };
}

/** https://docs.cohere.com/docs/image-inputs */
function decodeImage(part: JsonObject): ImagePart | undefined {
  const image = asObject(part.image_url);
  const url = asString(image?.url);
  const detail = asString(image?.detail);
  if (url === undefined) return undefined;
  return {
    type: 'image',
    source: decodeUrl(url),
    ...(detail !== undefined && { detail }),
    ...withExtensions(givenMembers(part, imageKeys)),
  };
}

/** https://www.rfc-editor.org/rfc/rfc2397 */
function decodeUrl(url: string): MediaSource {
  const match = /^data:([^;,]+);base64,/i.exec(url);
  if (match?.[1] === undefined) return { kind: 'url', url };
  return { kind: 'base64', mediaType: match[1], data: url.slice(match[0].length) };
}

/**
 * A document in a tool's result is data the model may cite. To others it is the data's JSON text.
 * https://docs.cohere.com/docs/tool-use-overview
 */
function decodeDocument(part: JsonObject): TextPart | undefined {
  const document = asObject(part.document);
  if (document === undefined) return undefined;
  const { data } = document;
  const text = typeof data === 'string' ? data : JSON.stringify(data ?? {});
  return { type: 'text', text, ...withExtensions({ document }) };
}
