import { GatewayError } from '../../core/errors.ts';
import type { FilePart, ImagePart } from '../canonical.ts';

/** How the base64 text of each kind of image begins: of what Ollama's models read, all have a signature of their own. */
const signatures: readonly (readonly [start: string, mediaType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
  ['Qk', 'image/bmp'],
];

const dataUrl = /^data:([\w.+/-]+);base64,/;

/** `images` are base64 alone; what kind of image it is, its first bytes tell. A data URL is taken, too. */
export function decodeImage(text: string): ImagePart {
  const head = dataUrl.exec(text.slice(0, 100));
  const data = head === null ? text : text.slice(head[0].length);
  const mediaType = head?.[1] ?? signatures.find(([start]) => data.startsWith(start))?.[1] ?? 'image/png';
  return { type: 'image', source: { kind: 'base64', mediaType, data } };
}

/** @throws GatewayError `unsupported_parameter` for an image that is not in the request: nobody here fetches one */
export function encodeImage({ source, detail }: ImagePart, dropped: Set<string>): string {
  if (source.kind !== 'base64') {
    throw unsupported('The provider does not fetch images. Send their bytes as a data URL.');
  }
  if (detail !== undefined && detail !== 'auto') dropped.add('detail');
  return source.data;
}

/**
 * A document as text: the API has no place for files.
 *
 * @throws GatewayError `unsupported_parameter` for anything but text
 */
export function encodeFile({ source, filename }: FilePart): string {
  const text = source.kind === 'text' ? source.text : undefined;
  const decoded = source.kind === 'base64' && source.mediaType.startsWith('text/') ? base64Text(source.data) : text;
  if (decoded === undefined) throw unsupported('The provider reads text and images only.');
  return filename === undefined ? decoded : `${filename}\n\n${decoded}`;
}

function base64Text(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

export function unsupported(message: string): GatewayError {
  return new GatewayError('unsupported_parameter', { param: 'messages', message });
}
