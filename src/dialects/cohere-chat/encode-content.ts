import { asString, isJsonObject, type JsonObject } from '../../core/json.ts';
import type { FilePart, ImagePart, Part, TextPart } from '../canonical.ts';
import { registeredMediaType } from '../media-type.ts';
import { dialect, ownExtensions } from './wire.ts';

/**
 * What a user or an instruction says, or what the model said. Empty texts are left out: the API refuses turns that
 * consist of them. What it has no place for is left out and reported.
 */
export function encodeContent(parts: readonly Part[], dropped: Set<string>): JsonObject[] {
  return parts.map((part) => encodePart(part, dropped)).filter((part) => part !== undefined);
}

/** Content in its shortest form: a string where one is enough. */
export function shortest(content: readonly JsonObject[]): string | readonly JsonObject[] {
  const [first] = content;
  const isPlain = content.length === 1 && first?.type === 'text' && Object.keys(first).length === 2;
  return isPlain && typeof first.text === 'string' ? first.text : content;
}

function encodePart(part: Part, dropped: Set<string>): JsonObject | undefined {
  switch (part.type) {
    case 'text':
      return encodeText(part, dropped);
    case 'refusal':
      return part.text === '' ? undefined : { type: 'text', text: part.text };
    case 'image':
      return encodeImage(part, dropped);
    case 'file':
      return encodeFile(part, dropped);
    case 'audio':
      dropped.add('input_audio');
      return undefined;
    case 'extension':
      if (part.dialect === dialect) return part.data;
      dropped.add(asString(part.data.type) ?? 'content');
      return undefined;
    default:
      // Reasoning, tool calls and results have places of their own.
      return undefined;
  }
}

/** A text that came as a document goes back as one. */
function encodeText({ text, extensions }: TextPart, dropped: Set<string>): JsonObject | undefined {
  const { document, ...own } = ownExtensions(extensions, dropped);
  if (isJsonObject(document)) return { type: 'document', document };
  return text === '' ? undefined : { type: 'text', text, ...own };
}

/** https://docs.cohere.com/docs/image-inputs */
function encodeImage({ source, detail, extensions }: ImagePart, dropped: Set<string>): JsonObject | undefined {
  if (source.kind === 'file-id') {
    dropped.add('image_url');
    return undefined;
  }
  const url =
    source.kind === 'url' ? source.url : `data:${registeredMediaType(source.mediaType)};base64,${source.data}`;
  return {
    type: 'image_url',
    image_url: { url, ...(detail !== undefined && { detail }) },
    ...ownExtensions(extensions, dropped),
  };
}

/** There are no files here: a text is said, anything else cannot be read. */
function encodeFile({ source, filename, extensions }: FilePart, dropped: Set<string>): JsonObject | undefined {
  ownExtensions(extensions, dropped);
  const text = textOf(source);
  if (text === undefined || text === '') {
    dropped.add('file');
    return undefined;
  }
  return { type: 'text', text: filename === undefined ? text : `${filename}\n\n${text}` };
}

function textOf(source: FilePart['source']): string | undefined {
  if (source.kind === 'text') return source.text;
  return source.kind === 'base64' && source.mediaType.startsWith('text/')
    ? Buffer.from(source.data, 'base64').toString('utf8')
    : undefined;
}
