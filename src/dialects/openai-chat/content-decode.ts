import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { AudioPart, ExtensionPart, Extensions, FilePart, ImagePart, MediaSource, TextPart } from '../canonical.ts';
import { otherMembers } from '../other-members.ts';
import { invalidRequest } from './wire.ts';

/** A part of what a user (or a tool) says. */
export type ContentPart = TextPart | ImagePart | FilePart | AudioPart | ExtensionPart;

const textMembers = new Set(['type', 'text']);
const imageMembers = new Set(['type', 'image_url']);
const audioMembers = new Set(['type', 'input_audio']);
const fileMembers = new Set(['type', 'file']);

/** Content of a message: a string, parts, or nothing. */
export function decodeContent(content: JsonValue | undefined, where: string): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (content === undefined || content === null) return [];
  if (!Array.isArray(content)) throw invalidRequest(where, 'must be a string or an array of parts');
  return content.map((part, index) => decodePart(part, `${where}[${index}]`));
}

function decodePart(part: JsonValue, where: string): ContentPart {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (!isJsonObject(part)) throw invalidRequest(where, 'must be an object');
  return decodeTextPart(part) ?? decodeImage(part) ?? decodeAudio(part) ?? decodeFile(part) ?? extensionPart(part);
}

export function extensionPart(data: JsonObject): ExtensionPart {
  return { type: 'extension', dialect: 'openai-chat', data };
}

function decodeTextPart(part: JsonObject): TextPart | undefined {
  if ((part.type ?? 'text') !== 'text' || typeof part.text !== 'string') return undefined;
  return { type: 'text', text: part.text, ...extensionsOf(part, textMembers) };
}

/** https://platform.openai.com/docs/guides/images-vision; Mistral also takes the URL as a bare string. */
function decodeImage(part: JsonObject): ImagePart | undefined {
  if (part.type !== 'image_url') return undefined;
  const image = asObject(part.image_url);
  const url = asString(image?.url) ?? asString(part.image_url);
  if (url === undefined) return undefined;
  const detail = asString(image?.detail);
  return {
    type: 'image',
    source: decodeUrl(url),
    ...(detail !== undefined && { detail }),
    ...extensionsOf(part, imageMembers),
  };
}

/** https://platform.openai.com/docs/guides/audio */
function decodeAudio(part: JsonObject): AudioPart | undefined {
  const audio = asObject(part.input_audio);
  if (part.type !== 'input_audio' || typeof audio?.data !== 'string' || typeof audio.format !== 'string')
    return undefined;
  const mediaType = audio.format === 'mp3' ? 'audio/mpeg' : `audio/${audio.format}`;
  return {
    type: 'audio',
    source: { kind: 'base64', mediaType, data: audio.data },
    ...extensionsOf(part, audioMembers),
  };
}

/** https://platform.openai.com/docs/guides/pdf-files */
function decodeFile(part: JsonObject): FilePart | undefined {
  const file = asObject(part.file);
  if (part.type !== 'file' || file === undefined) return undefined;
  const source = decodeFileSource(file);
  if (source === undefined) return undefined;
  const filename = asString(file.filename);
  return { type: 'file', source, ...(filename !== undefined && { filename }), ...extensionsOf(part, fileMembers) };
}

function decodeFileSource(file: JsonObject): MediaSource | undefined {
  if (typeof file.file_id === 'string') return { kind: 'file-id', id: file.file_id };
  if (typeof file.file_data !== 'string') return undefined;
  const source = decodeUrl(file.file_data);
  // OpenAI also takes bare base64, which then is a PDF.
  return source.kind === 'url' && !file.file_data.includes(':')
    ? { kind: 'base64', mediaType: 'application/pdf', data: file.file_data }
    : source;
}

/** A data URL as its bytes, any other URL as it is. */
function decodeUrl(url: string): MediaSource {
  const comma = url.startsWith('data:') ? url.indexOf(';base64,') : -1;
  if (comma < 0) return { kind: 'url', url };
  return { kind: 'base64', mediaType: url.slice('data:'.length, comma), data: url.slice(comma + ';base64,'.length) };
}

function extensionsOf(part: JsonObject, known: ReadonlySet<string>): { extensions?: Extensions } {
  const others = otherMembers(part, known);
  return others === undefined ? {} : { extensions: { 'openai-chat': others } };
}

/** The texts in content that may be a string, parts, or (Cloudflare's JSON mode) the answer as an object. */
export function contentTexts(content: JsonValue | undefined): readonly string[] {
  if (typeof content === 'string') return [content];
  return asArray(content).flatMap((part) => asString(part) ?? asString(asObject(part)?.text) ?? []);
}
