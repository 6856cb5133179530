import { GatewayError } from '../../core/errors.ts';
import { asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { AudioPart, ExtensionPart, Extensions, FilePart, ImagePart, Part } from '../canonical.ts';
import { acceptsField, type ResolvedVariant } from './model-profile.ts';
import type { MutableJson } from './wire.ts';

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
