import { describe, expect, it } from '@jest/globals';
import { sniffMediaType } from '../../src/upstream/fetch-media-type.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('sniffMediaType', () => {
  it.each([
    ['\x89PNG\r\n\x1a\n....', 'image/png'],
    ['\xff\xd8\xff\xe0....', 'image/jpeg'],
    ['GIF87a....', 'image/gif'],
    ['GIF89a....', 'image/gif'],
    ['RIFF\x10\x00\x00\x00WEBPVP8 ....', 'image/webp'],
    ['%PDF-1.7....', 'application/pdf'],
  ])('knows %j as %s', (bytes, mediaType) => {
    expect(sniffMediaType(latin1(bytes))).toBe(mediaType);
  });

  it.each([
    '',
    '\x89PN',
    'RIFF\x10\x00\x00\x00WAVEfmt ',
    '<svg>',
    '<!doctype html>',
    '{"a":1}',
    ' GIF89a',
    'PK\x03\x04',
  ])('knows %j as nothing', (bytes) => {
    expect(sniffMediaType(latin1(bytes))).toBeUndefined();
  });
});
