import { GatewayError } from '../../core/errors.ts';
import { asObject, asString, type JsonObject } from '../../core/json.ts';
import type { AudioPart, FilePart, ImagePart, MediaSource } from '../canonical.ts';
import { registeredMediaType } from '../media-type.ts';
import { otherMembers } from '../other-members.ts';
import type { DocumentNames } from './document-names.ts';
import type { ModelTraits } from './models.ts';
import { ownExtensions, withExtensions } from './wire.ts';

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html */
const documentFormats: ReadonlyMap<string, string> = new Map([
  ['application/pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
  ['text/markdown', 'md'],
]);
const documentTypes: ReadonlyMap<string, string> = new Map(
  [...documentFormats].map(([type, format]) => [format, type]),
);
const imageFormats: ReadonlySet<string> = new Set(['png', 'jpeg', 'gif', 'webp']);

const documentKeys: ReadonlySet<string> = new Set(['format', 'name', 'source']);
const locationKeys: ReadonlySet<string> = new Set(['uri']);

/** Nothing when the source is of no known kind. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ImageBlock.html */
export function decodeImage(block: JsonObject): ImagePart | undefined {
  const format = asString(block.format);
  const found = decodeSource(asObject(block.source), format === undefined ? undefined : `image/${format}`);
  return found && { type: 'image', source: found.source, ...withExtensions(found.location) };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_AudioBlock.html */
export function decodeAudio(block: JsonObject): AudioPart | undefined {
  const found = decodeSource(asObject(block.source), `audio/${asString(block.format) ?? 'wav'}`);
  return found && { type: 'audio', source: found.source, ...withExtensions(found.location) };
}

/** Nothing when the source is of no known kind. */
export function decodeDocument(block: JsonObject): FilePart | undefined {
  const name = asString(block.name);
  const mediaType = documentTypes.get(asString(block.format) ?? '');
  const text = asString(asObject(block.source)?.text);
  const found =
    text === undefined
      ? decodeSource(asObject(block.source), mediaType)
      : { source: { kind: 'text', text, ...(mediaType !== undefined && { mediaType }) } as const, location: undefined };
  if (found === undefined) return undefined;
  const more = { ...otherMembers(block, documentKeys), ...found.location };
  return {
    type: 'file',
    source: found.source,
    ...(name !== undefined && { filename: name }),
    ...withExtensions(Object.keys(more).length === 0 ? undefined : more),
  };
}

interface DecodedSource {
  readonly source: MediaSource;
  /** What `s3Location` says beyond the address. */
  readonly location: JsonObject | undefined;
}

function decodeSource(source: JsonObject | undefined, mediaType: string | undefined): DecodedSource | undefined {
  const bytes = asString(source?.bytes);
  if (bytes !== undefined && mediaType !== undefined) {
    return { source: { kind: 'base64', mediaType, data: bytes }, location: undefined };
  }
  const place = asObject(source?.s3Location);
  const url = asString(place?.uri);
  if (place === undefined || url === undefined) return undefined;
  const more = otherMembers(place, locationKeys);
  return {
    source: { kind: 'url', url, ...(mediaType !== undefined && { mediaType }) },
    location: more && { s3Location: more },
  };
}

/** What the media of one request share. */
export interface MediaContext {
  readonly traits: ModelTraits;
  readonly names: DocumentNames;
  readonly dropped: Set<string>;
}

/** Bedrock reads what it is sent, and objects of S3; it fetches nothing else. */
export function needsBytes(source: MediaSource): boolean {
  return source.kind === 'url' && !isInS3(source.url);
}

/** @throws GatewayError `unsupported_parameter` for what the model cannot read, and for addresses nobody has replaced by their bytes */
export function encodeImage(part: ImagePart, { traits, dropped }: MediaContext): JsonObject {
  if (traits.images === 'refused') throw unsupported('The model does not read images.');
  if (part.detail !== undefined && part.detail !== 'auto') dropped.add('detail');
  const type = registeredMediaType(mediaTypeOf(part.source) ?? guessedImageType(part.source));
  const format = type.replace(/^image\//, '');
  if (!imageFormats.has(format)) throw unsupported('Images must be PNG, JPEG, GIF or WebP.');
  return { image: { format, source: encodeSource(part.source, ownExtensions(part.extensions, dropped)) } };
}

/** @throws GatewayError `unsupported_parameter` */
export function encodeAudio(part: AudioPart, { traits, dropped }: MediaContext): JsonObject | undefined {
  if (traits.audio === 'refused') {
    dropped.add('input_audio');
    return undefined;
  }
  const format = (mediaTypeOf(part.source) ?? 'audio/wav').replace(/^audio\/(?:x-)?/, '').replace(/^mpeg$/, 'mp3');
  return { audio: { format, source: encodeSource(part.source, ownExtensions(part.extensions, dropped)) } };
}

/** @throws GatewayError `unsupported_parameter` */
export function encodeDocument(part: FilePart, { traits, names, dropped }: MediaContext): JsonObject {
  const { s3Location, ...own } = ownExtensions(part.extensions, dropped);
  const type = part.source.kind === 'text' ? (part.source.mediaType ?? 'text/plain') : mediaTypeOf(part.source);
  const format = documentFormat(type, part.filename);
  if (format === undefined) throw unsupported('Documents must be PDF, text, Markdown, HTML, CSV, Word or Excel.');
  return {
    document: {
      format,
      name: names.wireName(part.filename),
      source:
        part.source.kind === 'text'
          ? encodeText(part.source.text, traits)
          : encodeSource(part.source, s3Location === undefined ? undefined : { s3Location }),
      ...own,
    },
  };
}

/** Text as such is for models that cite it; all others read it as the bytes of a file. */
function encodeText(text: string, { reasoning }: ModelTraits): JsonObject {
  return reasoning === 'thinking' ? { text } : { bytes: Buffer.from(text).toString('base64') };
}

function documentFormat(type: string | undefined, filename: string | undefined): string | undefined {
  const plainType = type?.split(';')[0]?.trim() ?? '';
  const extension = /\.([a-z]{2,4})$/i.exec(filename ?? '')?.[1]?.toLowerCase() ?? '';
  const ofName = documentTypes.has(extension) ? extension : undefined;
  return documentFormats.get(plainType) ?? ofName ?? (plainType.startsWith('text/') ? 'txt' : undefined);
}

function encodeSource(source: MediaSource, own: JsonObject | undefined): JsonObject {
  switch (source.kind) {
    case 'base64':
      return { bytes: source.data };
    case 'url':
      if (!isInS3(source.url)) {
        throw unsupported('The provider does not fetch media from URLs. Send their bytes as a data URL.');
      }
      return { s3Location: { uri: source.url, ...asObject(own?.s3Location) } };
    case 'file-id':
      throw unsupported("The provider has no store of files. Send the file's bytes.");
  }
}

function mediaTypeOf(source: FilePart['source']): string | undefined {
  return source.kind === 'text' ? 'text/plain' : source.mediaType;
}

/** An object's name tells where the caller did not say. */
function guessedImageType(source: MediaSource): string {
  const extension = source.kind === 'url' ? (/\.([a-z]{3,4})$/i.exec(source.url)?.[1]?.toLowerCase() ?? '') : '';
  return `image/${extension}`;
}

function isInS3(url: string): boolean {
  return url.startsWith('s3://');
}

function unsupported(message: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param: 'messages', message });
}
