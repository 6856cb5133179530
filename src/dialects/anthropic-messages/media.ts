import { GatewayError } from '../../core/errors.ts';
import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { FilePart, ImagePart, MediaSource } from '../canonical.ts';
import { registeredMediaType } from '../media-type.ts';
import { givenMembers } from '../other-members.ts';
import { blockExtensions, withExtensions } from './wire.ts';

const imageKeys: ReadonlySet<string> = new Set(['type', 'source']);
const documentKeys: ReadonlySet<string> = new Set(['type', 'source', 'title']);

/** https://platform.claude.com/docs/en/build-with-claude/vision. Nothing when the source is of no known kind. */
export function decodeImage(block: JsonObject): ImagePart | undefined {
  const source = decodeSource(asObject(block.source));
  if (source === undefined) return undefined;
  return { type: 'image', source, ...withExtensions(givenMembers(block, imageKeys)) };
}

/** https://platform.claude.com/docs/en/build-with-claude/pdf-support. Nothing when the source is of no known kind. */
export function decodeDocument(block: JsonObject): FilePart | undefined {
  const wire = asObject(block.source);
  const source = wire?.type === 'text' ? decodeTextSource(wire) : decodeSource(wire);
  if (source === undefined) return undefined;
  const filename = asString(block.title);
  return {
    type: 'file',
    source,
    ...(filename !== undefined && { filename }),
    ...withExtensions(givenMembers(block, documentKeys)),
  };
}

function decodeSource(source: JsonObject | undefined): MediaSource | undefined {
  const mediaType = asString(source?.media_type);
  const data = asString(source?.data);
  const url = asString(source?.url);
  const id = asString(source?.file_id);
  if (source?.type === 'base64' && mediaType !== undefined && data !== undefined) {
    return { kind: 'base64', mediaType, data };
  }
  if (source?.type === 'url' && url !== undefined) return { kind: 'url', url };
  return source?.type === 'file' && id !== undefined ? { kind: 'file-id', id } : undefined;
}

function decodeTextSource(source: JsonObject): FilePart['source'] | undefined {
  const text = asString(source.data);
  const mediaType = asString(source.media_type);
  if (text === undefined) return undefined;
  return mediaType === undefined ? { kind: 'text', text } : { kind: 'text', text, mediaType };
}

export interface MediaContext {
  readonly urlSources: 'fetched' | 'refused';
  readonly dropped: Set<string>;
}

/** @throws GatewayError `unsupported_parameter` when the image is a URL and the host fetches none */
export function encodeImage(part: ImagePart, context: MediaContext): JsonObject {
  if (part.detail !== undefined && part.detail !== 'auto') context.dropped.add('detail');
  return {
    type: 'image',
    source: encodeSource(part.source, context),
    ...blockExtensions(part.extensions, context.dropped),
  };
}

/** @throws GatewayError `unsupported_parameter` when the document is a URL and the host fetches none */
export function encodeDocument(part: FilePart, context: MediaContext): JsonObject {
  return {
    type: 'document',
    source: part.source.kind === 'text' ? textSource(part.source.text) : encodeSource(part.source, context),
    ...(part.filename !== undefined && { title: part.filename }),
    ...blockExtensions(part.extensions, context.dropped),
  };
}

function encodeSource(source: MediaSource, context: MediaContext): JsonObject {
  switch (source.kind) {
    case 'base64':
      // The base64 form of a document is for PDF; plain text has a form of its own.
      return source.mediaType.startsWith('text/')
        ? textSource(Buffer.from(source.data, 'base64').toString('utf8'))
        : { type: 'base64', media_type: registeredMediaType(source.mediaType), data: source.data };
    case 'url':
      if (context.urlSources === 'refused') throw urlRefused();
      return { type: 'url', url: source.url };
    case 'file-id':
      return { type: 'file', file_id: source.id };
  }
}

function textSource(text: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data: text };
}

function urlRefused(): GatewayError {
  return new GatewayError('unsupported_parameter', {
    param: 'messages',
    message: 'The provider does not fetch images or documents from URLs. Send their bytes as a data URL.',
  });
}
