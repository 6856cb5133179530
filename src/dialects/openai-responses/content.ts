import { asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { AudioPart, ExtensionPart, FilePart, ImagePart, MediaSource, TextPart } from '../canonical.ts';
import { extensionPart, invalidRequest } from './wire.ts';

/** A part of what a user (or a tool) says. */
export type ContentPart = TextPart | ImagePart | FilePart | AudioPart | ExtensionPart;

/** Content of a message or of a tool's output: a string, parts, or nothing. */
export function decodeContent(content: JsonValue | undefined, where: string): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (content === undefined || content === null) return [];
  if (!Array.isArray(content)) throw invalidRequest(where, 'must be a string or an array of parts');
  return content.map((part, index) => decodeContentPart(part, `${where}[${index}]`));
}

/** https://platform.openai.com/docs/api-reference/responses/create#responses-create-input */
export function decodeContentPart(part: JsonValue, where: string): ContentPart {
  if (typeof part === 'string') return { type: 'text', text: part };
  if (!isJsonObject(part)) throw invalidRequest(where, 'must be an object');
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      if (typeof part.text !== 'string') throw invalidRequest(`${where}.text`, 'must be a string');
      return { type: 'text', text: part.text };
    case 'input_image':
      return decodeImage(part) ?? extensionPart(part);
    case 'input_file':
      return decodeFile(part) ?? extensionPart(part);
    case 'input_audio':
      return decodeAudio(part) ?? extensionPart(part);
    case undefined:
      throw invalidRequest(`${where}.type`, 'must name the kind of the part');
    default:
      return extensionPart(part);
  }
}

/** https://platform.openai.com/docs/guides/images-vision?api-mode=responses */
function decodeImage(part: JsonObject): ImagePart | undefined {
  const id = asString(part.file_id);
  const url = asString(part.image_url) ?? asString(asObject(part.image_url)?.url);
  const source = id !== undefined ? ({ kind: 'file-id', id } as const) : url === undefined ? undefined : urlSource(url);
  const detail = asString(part.detail);
  return source && { type: 'image', source, ...(detail !== undefined && { detail }) };
}

/** https://platform.openai.com/docs/guides/pdf-files?api-mode=responses */
function decodeFile(part: JsonObject): FilePart | undefined {
  const source = fileSource(part);
  const filename = asString(part.filename);
  return source && { type: 'file', source, ...(filename !== undefined && { filename }) };
}

function fileSource(part: JsonObject): MediaSource | undefined {
  if (typeof part.file_id === 'string') return { kind: 'file-id', id: part.file_id };
  if (typeof part.file_url === 'string') return { kind: 'url', url: part.file_url };
  return typeof part.file_data === 'string' ? urlSource(part.file_data) : undefined;
}

function decodeAudio(part: JsonObject): AudioPart | undefined {
  const audio = asObject(part.input_audio) ?? part;
  if (typeof audio.data !== 'string' || typeof audio.format !== 'string') return undefined;
  const mediaType = audio.format === 'mp3' ? 'audio/mpeg' : `audio/${audio.format}`;
  return { type: 'audio', source: { kind: 'base64', mediaType, data: audio.data } };
}

/** A data URL as its bytes, any other URL as it is. */
function urlSource(url: string): MediaSource {
  const comma = url.startsWith('data:') ? url.indexOf(';base64,') : -1;
  if (comma < 0) return { kind: 'url', url };
  return { kind: 'base64', mediaType: url.slice('data:'.length, comma), data: url.slice(comma + ';base64,'.length) };
}
