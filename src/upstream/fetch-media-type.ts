/** The media type of a picture or PDF by its first bytes; what a server says of them is not asked. */
export function sniffMediaType(bytes: Uint8Array): string | undefined {
  return signatures.find(({ parts }) => parts.every(({ at, text }) => startsAt(bytes, at, text)))?.mediaType;
}

interface Signature {
  readonly mediaType: string;
  readonly parts: readonly { readonly at: number; readonly text: string }[];
}

/** https://mimesniff.spec.whatwg.org/#matching-an-image-type-pattern */
const signatures: readonly Signature[] = [
  { mediaType: 'image/png', parts: [{ at: 0, text: '\x89PNG\r\n\x1a\n' }] },
  { mediaType: 'image/jpeg', parts: [{ at: 0, text: '\xff\xd8\xff' }] },
  { mediaType: 'image/gif', parts: [{ at: 0, text: 'GIF87a' }] },
  { mediaType: 'image/gif', parts: [{ at: 0, text: 'GIF89a' }] },
  {
    mediaType: 'image/webp',
    parts: [
      { at: 0, text: 'RIFF' },
      { at: 8, text: 'WEBPVP' },
    ],
  },
  { mediaType: 'application/pdf', parts: [{ at: 0, text: '%PDF-' }] },
];

function startsAt(bytes: Uint8Array, at: number, text: string): boolean {
  if (bytes.length < at + text.length) return false;
  for (let index = 0; index < text.length; index += 1) {
    if (bytes[at + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
