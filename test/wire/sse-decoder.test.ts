import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';
import { FrameTooLargeError, type StreamFrame } from '../../src/wire/stream-framing.ts';

function decode(chunks: readonly Uint8Array[]): StreamFrame[] {
  const frames: StreamFrame[] = [];
  const decoder = new SseDecoder((frame) => frames.push({ ...frame, raw: Buffer.from(frame.raw) }));
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return frames;
}

const meaning = (frames: readonly StreamFrame[]) =>
  frames.flatMap(({ event, data }) => (data === undefined ? [] : [{ event, data }]));

const bytesOf = (frames: readonly StreamFrame[]) => Buffer.concat(frames.map((frame) => frame.raw));

const streams: Readonly<Record<string, string>> = {
  'line feeds': 'data: {"a":1}\n\ndata: [DONE]\n\n',
  'carriage returns and line feeds': 'event: x\r\ndata: {"a":1}\r\n\r\ndata: 2\r\n\r\n',
  'lone carriage returns': 'event: x\rdata: 1\r\rdata: 2\r\r',
  'mixed line ends': 'data: 1\r\n\ndata: 2\n\r\ndata: 3\r\n\r\n',
  'no space after the colon': 'data:1\n\n',
  'several data lines': 'data: a\ndata: b\n\n',
  'comments and stray blank lines': ': PROCESSING\n\n\n\n: more\n\ndata: 1\n\n',
  'no blank line at the end': 'data: 1\n\ndata: 2',
  'a byte order mark': '\uFEFFdata: 1\n\n',
  'characters of two, three and four bytes': 'data: \u00e9\u20ac\u{1F600}\u4e2d\n\n',
  'line separators that end no line': 'data: a\u2028b\u2029c\u0085d\n\n',
  'ids and retry': 'id: 7\nretry: 10\nevent: e\ndata: 1\n\n',
};

describe('SseDecoder', () => {
  describe.each(Object.entries(streams))('with %s', (_name, text) => {
    const whole = Buffer.from(text);

    it('gives the same frames however the stream is cut, and loses no byte', () => {
      const expected = meaning(decode([whole]));
      expect(expected.length).toBeGreaterThan(0);
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const frames = decode([whole.subarray(0, cut), whole.subarray(cut)]);
        expect(meaning(frames)).toEqual(expected);
        expect(bytesOf(frames)).toEqual(whole);
      }
      expect(meaning(decode([...whole].map((byte) => Uint8Array.of(byte))))).toEqual(expected);
    });
  });

  it('reads what is written, whatever line ends and cuts are used', () => {
    const line = fc.string({
      unit: fc.constantFrom('a', ' ', ':', '{', '"', '\u00e9', '\u{1F600}', 'data:', '[DONE]'),
    });
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ event: fc.option(fc.constantFrom('x', 'error')), lines: fc.array(line, { minLength: 1 }) }),
        ),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.array(fc.nat(500)),
        (events, lineEnd, cuts) => {
          const text = events
            .map(({ event, lines }) =>
              [...(event === null ? [] : [`event: ${event}`]), ...lines.map((value) => `data: ${value}`), '', ''].join(
                lineEnd,
              ),
            )
            .join('');
          const bytes = Buffer.from(text);
          const borders = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          const chunks = borders.slice(1).map((border, index) => bytes.subarray(borders[index], border));
          const frames = decode(chunks);
          expect(meaning(frames)).toEqual(
            events.map(({ event, lines }) => ({ event: event ?? undefined, data: lines.join('\n') })),
          );
          expect(bytesOf(frames)).toEqual(bytes);
        },
      ),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('PT-03: reads invalid UTF-8 as U+FFFD at that place only and says so', () => {
    const bytes = Buffer.concat([Buffer.from('data: a'), Buffer.from([0xff]), Buffer.from('b\n\ndata: c\n\n')]);
    expect(decode([bytes])).toMatchObject([
      { data: 'a\uFFFDb', damaged: true },
      { data: 'c', damaged: false },
    ]);
  });

  it('does not take a replacement character that was sent for damage', () => {
    expect(decode([Buffer.from('data: \uFFFD\n\n')])).toMatchObject([{ data: '\uFFFD', damaged: false }]);
  });

  it('PT-14: gives up on a frame that never ends', () => {
    const decoder = new SseDecoder(() => {}, 1024);
    expect(() => {
      for (let sent = 0; sent < 10_000; sent += 100) decoder.push(Buffer.alloc(100, 0x61));
    }).toThrow(FrameTooLargeError);
  });
});
