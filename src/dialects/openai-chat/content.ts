import { GatewayError } from '../../core/errors.ts';
import { asArray, asObject, asString, isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import type {
  AudioPart,
  ExtensionPart,
  Extensions,
  FilePart,
  ImagePart,
  MediaSource,
  Part,
  TextPart,
} from '../canonical.ts';
import { acceptsField, type ResolvedVariant } from './variant.ts';
import { invalidRequest, type MutableJson, otherMembers } from './wire.ts';

/** A part of what a user (or a tool) says. */
export type ContentPart = TextPart | ImagePart | FilePart | AudioPart | ExtensionPart;

const textMembers = new Set(['type', 'text']);
const imageMembers = new Set(['type', 'image_url']);
const audioMembers = new Set(['type', 'input_audio']);
const fileMembers = new Set(['type', 'file']);

// ---- Reading ----

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

// ---- Writing ----

/** What could not be written, by the names of the parameters. */
export type Dropped = Set<string>;

/**
 * Content for a message: a string where one text says it all, else parts.
 *
 * @throws GatewayError `unsupported_parameter` for media the dialect or the provider has no form for: leaving it out
 * would change what was asked
 */
export function encodeContent(
  parts: readonly Part[],
  variant: ResolvedVariant,
  dropped: Dropped,
): JsonValue | undefined {
  const encoded = parts.flatMap((part) => encodePart(part, variant, dropped));
  const [only] = encoded;
  if (only === undefined) return undefined;
  if (encoded.length === 1 && only.type === 'text' && Object.keys(only).length === 2) return asString(only.text);
  if (variant.content === 'string') return joinedTexts(encoded);
  return encoded;
}

function joinedTexts(parts: readonly JsonObject[]): string {
  const texts = parts.map((part) => {
    if (part.type === 'text') return asString(part.text) ?? '';
    throw unsupportedMedia('The provider reads text only.');
  });
  return texts.join('\n');
}

function encodePart(part: Part, variant: ResolvedVariant, dropped: Dropped): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [withExtensions({ type: 'text', text: part.text }, part, variant, dropped)];
    case 'image':
      return [withExtensions({ type: 'image_url', image_url: encodeImage(part) }, part, variant, dropped)];
    case 'audio':
      return [withExtensions({ type: 'input_audio', input_audio: encodeAudio(part) }, part, variant, dropped)];
    case 'file':
      return [withExtensions(encodeFile(part), part, variant, dropped)];
    case 'extension':
      return encodeExtensionPart(part, dropped);
    default:
      return [];
  }
}

function encodeExtensionPart(part: ExtensionPart, dropped: Dropped): JsonObject[] {
  if (part.dialect === 'openai-chat') return typeof part.data.type === 'string' ? [part.data] : [];
  dropped.add(`messages.content.${asString(part.data.type) ?? 'part'}`);
  return [];
}

function encodeImage(part: ImagePart): JsonObject {
  if (part.source.kind === 'file-id') throw unsupportedMedia('Images by file id cannot be sent to this provider.');
  const url = part.source.kind === 'url' ? part.source.url : dataUrl(part.source);
  return part.detail === undefined ? { url } : { url, detail: part.detail };
}

function encodeAudio(part: AudioPart): JsonObject {
  if (part.source.kind !== 'base64') throw unsupportedMedia('Audio must be sent as base64 data to this provider.');
  const subtype = part.source.mediaType.slice(part.source.mediaType.indexOf('/') + 1).replace(/^x-/, '');
  return { data: part.source.data, format: subtype === 'mpeg' ? 'mp3' : subtype };
}

function encodeFile(part: FilePart): JsonObject {
  const { source, filename } = part;
  switch (source.kind) {
    case 'text':
      return { type: 'text', text: filename === undefined ? source.text : `${filename}\n\n${source.text}` };
    case 'file-id':
      return { type: 'file', file: { file_id: source.id, ...(filename !== undefined && { filename }) } };
    case 'base64':
      return { type: 'file', file: { ...(filename !== undefined && { filename }), file_data: dataUrl(source) } };
    case 'url':
      throw unsupportedMedia('Files by URL cannot be sent to this provider.');
  }
}

function dataUrl(source: { readonly mediaType: string; readonly data: string }): string {
  return `data:${source.mediaType};base64,${source.data}`;
}

function unsupportedMedia(message: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param: 'messages', message });
}

/** The members only this dialect knows, where the provider takes them; the rest is reported. */
export function withExtensions(
  wire: MutableJson,
  carrier: { readonly extensions?: Extensions },
  variant: ResolvedVariant,
  dropped: Dropped,
): MutableJson {
  for (const [dialect, fields] of Object.entries(carrier.extensions ?? {})) {
    for (const key of Object.keys(fields ?? {})) {
      if (dialect !== 'openai-chat' || !acceptsField(variant, key)) dropped.add(`messages.${key}`);
      else if (!(key in wire)) wire[key] = fields?.[key];
    }
  }
  return wire;
}

/** The texts in content that may be a string, parts, or (Cloudflare's JSON mode) the answer as an object. */
export function contentTexts(content: JsonValue | undefined): readonly string[] {
  if (typeof content === 'string') return [content];
  return asArray(content).flatMap((part) => asString(part) ?? asString(asObject(part)?.text) ?? []);
}
