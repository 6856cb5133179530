import { GatewayError } from '../../core/errors.ts';
import { asString, type JsonObject } from '../../core/json.ts';
import type { AudioPart, FilePart, ImagePart, MediaSource } from '../canonical.ts';
import { registeredMediaType } from '../media-type.ts';
import { otherMembers } from '../other-members.ts';
import type { ModelTraits } from './variant.ts';
import { geminiExtensions, wireObject } from './wire.ts';

type MediaPart = ImagePart | FilePart | AudioPart;

const partFields: ReadonlySet<string> = new Set(['inlineData', 'fileData', 'thought']);
const blobFields: ReadonlySet<string> = new Set(['mimeType', 'data', 'fileUri']);

/** Files stored with the Gemini API. https://ai.google.dev/gemini-api/docs/files */
const filesApi = /^https:\/\/generativelanguage\.googleapis\.com\/[\w.]+\/(files\/[\w-]+)$/;

/** Videos every model may be shown by their address. https://ai.google.dev/gemini-api/docs/video-understanding */
const video = /^https:\/\/(?:(?:www|m)\.)?(?:youtube\.com|youtu\.be)\//;

/** An image, a document or audio; `undefined` for parts that hold no media. */
export function decodeMedia(part: JsonObject): MediaPart | undefined {
  // A picture the model drew while it thought is no picture of the conversation.
  if (part.thought === true) return undefined;
  const inline = wireObject(part.inlineData);
  const file = wireObject(part.fileData);
  const blob = inline ?? file;
  const source = inline === undefined ? fileSource(file) : inlineSource(inline);
  if (blob === undefined || source === undefined) return undefined;
  const blobRest = otherMembers(blob, blobFields);
  const extensions = geminiExtensions(
    otherMembers(part, partFields),
    blobRest && { [inline === undefined ? 'fileData' : 'inlineData']: blobRest },
  );
  const mediaType = source.mediaType ?? '';
  if (mediaType.startsWith('image/')) return { type: 'image', source, ...extensions };
  if (mediaType.startsWith('audio/')) return { type: 'audio', source, ...extensions };
  const filename = asString(blob.displayName);
  return { type: 'file', source, ...(filename !== undefined && { filename }), ...extensions };
}

function inlineSource(blob: JsonObject): MediaSource | undefined {
  const data = asString(blob.data);
  if (data === undefined) return undefined;
  return { kind: 'base64', mediaType: asString(blob.mimeType) ?? 'application/octet-stream', data };
}

function fileSource(file: JsonObject | undefined): MediaSource | undefined {
  const uri = asString(file?.fileUri);
  if (uri === undefined) return undefined;
  const mimeType = asString(file?.mimeType);
  const mediaType = mimeType === undefined ? {} : { mediaType: mimeType };
  return filesApi.test(uri) ? { kind: 'file-id', id: uri, ...mediaType } : { kind: 'url', url: uri, ...mediaType };
}

/** Where a part stands in the caller's request, for errors: `messages[2].content[1]`. */
export type Place = string;

/**
 * `inlineData` or `fileData`.
 *
 * @throws GatewayError `invalid_request` for what the model cannot reach: the gateway fetches nothing itself
 */
export function encodeMedia(part: MediaPart, traits: ModelTraits, place: Place): JsonObject {
  const { source } = part;
  switch (source.kind) {
    case 'base64':
      return inlineData(source.mediaType, source.data);
    case 'text':
      return inlineData(source.mediaType ?? 'text/plain', Buffer.from(source.text).toString('base64'));
    case 'file-id':
      return fileData(storedFile(source.id, place), source.mediaType);
    case 'url':
      return encodeUrl(source, traits, place);
  }
}

function encodeUrl(source: Extract<MediaSource, { kind: 'url' }>, traits: ModelTraits, place: Place): JsonObject {
  const { url } = source;
  const dataUrl = /^data:([^;,]+);base64,/.exec(url);
  if (dataUrl?.[1] !== undefined) return inlineData(dataUrl[1], url.slice(dataUrl[0].length));
  if (/^data:/i.test(url) || isOutOfReach(source, traits)) {
    throw new GatewayError('invalid_request', {
      message:
        'The model cannot fetch this URL and the gateway does not fetch it for it. ' +
        'Send the content itself as base64 data, or the URI of a file stored with the provider.',
      param: place,
    });
  }
  return fileData(url, source.mediaType ?? mediaTypeOfPath(url));
}

/** Whether the model can get at the media only when its bytes stand in the request. */
export function isOutOfReach(source: MediaSource, traits: ModelTraits): boolean {
  if (source.kind !== 'url') return false;
  const { url } = source;
  const scheme = url.slice(0, url.indexOf(':')).toLowerCase();
  if (scheme === 'data' || scheme === 'gs' || filesApi.test(url) || video.test(url)) return false;
  return scheme !== 'https' || !traits.fetchedUrls;
}

function storedFile(id: string, place: Place): string {
  if (/^https:\/\//.test(id) || id.startsWith('gs://')) return id;
  if (id.startsWith('files/')) return `https://generativelanguage.googleapis.com/v1beta/${id}`;
  throw new GatewayError('invalid_request', {
    message: 'The file id is not one of the provider that serves the model. Send the content itself as base64 data.',
    param: place,
  });
}

function inlineData(mediaType: string, data: string): JsonObject {
  return { inlineData: { mimeType: registeredMediaType(mediaType), data } };
}

function fileData(fileUri: string, mimeType: string | undefined): JsonObject {
  return { fileData: { ...(mimeType !== undefined && { mimeType }), fileUri } };
}

/** File types the API reads, by the ending of the path. https://ai.google.dev/gemini-api/docs/file-input-methods */
const mediaTypes: ReadonlyMap<string, string> = new Map<string, string>([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
  ['gif', 'image/gif'],
  ['pdf', 'application/pdf'],
  ['txt', 'text/plain'],
  ['html', 'text/html'],
  ['csv', 'text/csv'],
  ['mp3', 'audio/mpeg'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['mov', 'video/quicktime'],
  ['webm', 'video/webm'],
]);

function mediaTypeOfPath(url: string): string | undefined {
  const ending = /\.(\w+)(?:[?#]|$)/.exec(url)?.[1]?.toLowerCase() ?? '';
  return mediaTypes.get(ending);
}
