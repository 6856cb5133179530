import { GatewayError } from '../../core/errors.ts';
import { asString, type JsonObject, type JsonValue } from '../../core/json.ts';
import type { AudioPart, FilePart, ImagePart, Part } from '../canonical.ts';
import { fileExtension } from './file-extension.ts';

/**
 * What a user or a tool says, in the form of requests: a string where one plain text is all of it, else parts.
 *
 * @throws GatewayError `unsupported_parameter` for media the API has no form for: leaving it out would change what was
 * asked
 */
export function encodeContent(parts: readonly Part[], dropped: Set<string>): JsonValue {
  const encoded = parts.flatMap((part) => encodePart(part, dropped));
  const [only] = encoded;
  if (only === undefined) return '';
  return encoded.length === 1 && only.type === 'input_text' ? (asString(only.text) ?? '') : encoded;
}

function encodePart(part: Part, dropped: Set<string>): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ type: 'input_text', text: part.text }];
    case 'image':
      return [encodeImage(part)];
    case 'file':
      return [encodeFile(part)];
    case 'audio':
      return [encodeAudio(part)];
    case 'extension':
      if (part.dialect === 'openai-responses') return [part.data];
      dropped.add(`messages.content.${asString(part.data.type) ?? 'part'}`);
      return [];
    default:
      return [];
  }
}

function encodeImage({ source, detail }: ImagePart): JsonObject {
  const place: JsonObject =
    source.kind === 'file-id'
      ? { file_id: source.id }
      : { image_url: source.kind === 'url' ? source.url : dataUrl(source) };
  return { type: 'input_image', ...place, ...(detail !== undefined && { detail }) };
}

function encodeFile({ source, filename }: FilePart): JsonObject {
  const named = filename === undefined ? {} : { filename };
  switch (source.kind) {
    case 'text':
      return { type: 'input_text', text: filename === undefined ? source.text : `${filename}\n\n${source.text}` };
    case 'file-id':
      return { type: 'input_file', file_id: source.id, ...named };
    case 'url':
      return { type: 'input_file', file_url: source.url, ...named };
    case 'base64':
      // Bytes without a name are refused.
      return {
        type: 'input_file',
        filename: filename ?? `file.${fileExtension(source.mediaType)}`,
        file_data: dataUrl(source),
      };
  }
}

function encodeAudio({ source }: AudioPart): JsonObject {
  if (source.kind !== 'base64') throw unsupportedMedia('Audio must be sent as base64 data to this provider.');
  const subtype = source.mediaType.slice(source.mediaType.indexOf('/') + 1).replace(/^x-/, '');
  return {
    type: 'input_audio',
    input_audio: { data: source.data, format: subtype === 'mpeg' ? 'mp3' : subtype },
  };
}

function dataUrl(source: { readonly mediaType: string; readonly data: string }): string {
  return `data:${source.mediaType};base64,${source.data}`;
}

function unsupportedMedia(message: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param: 'messages', message });
}
