import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineDecoder, newlineDelimitedJson } from '../../src/wire/ndjson-framing.ts';
import { FrameTooLargeError, type StreamFrame } from '../../src/wire/stream-framing.ts';

function decode(chunks: readonly Uint8Array[], limit?: number): StreamFrame[] {
  const frames: StreamFrame[] = [];
  const decoder = new LineDecoder((frame) => frames.push({ ...frame, raw: Buffer.from(frame.raw) }), limit);
  for (const chunk of chunks) decoder.push(chunk);
  decoder.end();
  return frames;
}

const meaning = (frames: readonly StreamFrame[]) => frames.flatMap(({ data }) => (data === undefined ? [] : [data]));
const bytesOf = (frames: readonly StreamFrame[]) => Buffer.concat(frames.map((frame) => frame.raw));

const streams: Readonly<Record<string, readonly [text: string, lines: readonly string[]]>> = {
  'line feeds': ['{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  'carriage returns and line feeds': ['{"a":1}\r\n{"b":2}\r\n', ['{"a":1}', '{"b":2}']],
  'a last line without its end': ['{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  'blank lines': ['\n\r\n{"a":1}\n \n\n{"b":2}\n\n', ['{"a":1}', '{"b":2}']],
  'a byte order mark': ['\uFEFF{"a":1}\n', ['{"a":1}']],
  'characters of two, three and four bytes': ['{"a":"\u00e9\u20ac\u{1F600}"}\n', ['{"a":"\u00e9\u20ac\u{1F600}"}']],
  'line separators that end no line': ['{"a":"x\u2028y\u2029z\u0085"}\n', ['{"a":"x\u2028y\u2029z\u0085"}']],
};

describe('LineDecoder', () => {
  it.each(Object.entries(streams))(
    'gives the same lines of %s however they are cut, and loses no byte',
    (_, sample) => {
      const [text, lines] = sample;
      const whole = Buffer.from(text);
      for (let cut = 0; cut <= whole.length; cut += 1) {
        const frames = decode([whole.subarray(0, cut), whole.subarray(cut)]);
        expect([meaning(frames), bytesOf(frames)]).toEqual([lines, whole]);
      }
      expect(meaning(decode([...whole].map((byte) => Uint8Array.of(byte))))).toEqual(lines);
    },
  );

  it('reads what is written, whatever line ends and cuts are used', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue()),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(500)),
        fc.boolean(),
        (values, lineEnd, cuts, closed) => {
          const written = values.map((value) => JSON.stringify(value));
          const bytes = Buffer.from(written.join(lineEnd) + (closed ? lineEnd : ''));
          const borders = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
          const chunks = borders.slice(1).map((border, index) => bytes.subarray(borders[index], border));
          const frames = decode(chunks);
          expect(meaning(frames)).toEqual(written);
          expect(bytesOf(frames)).toEqual(bytes);
          expect(frames.some((frame) => frame.damaged)).toBe(false);
        },
      ),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('marks lines with invalid UTF-8, and no others', () => {
    const bad = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}\n')]);
    const sent = Buffer.from('{"a":"\uFFFD"}\n');
    const frames = decode([bad, sent]);
    expect(frames.map(({ data, damaged }) => [data, damaged])).toEqual([
      ['{"a":"\uFFFD\uFFFD"}', true],
      ['{"a":"\uFFFD"}', false],
    ]);
  });

  it('refuses a line that outgrows the limit, however it comes, and nothing below it', () => {
    const line = Buffer.from(`"${'x'.repeat(8)}"\n`);
    expect(meaning(decode([line, line], line.length))).toHaveLength(2);
    expect(() => decode([line], line.length - 1)).toThrow(FrameTooLargeError);
    const bytes = [...line].map((byte) => Uint8Array.of(byte));
    expect(() => decode(bytes, line.length - 1)).toThrow(FrameTooLargeError);
  });
});

describe('newlineDelimitedJson', () => {
  it('closes a line that was left open, so that another can follow', () => {
    const { closing } = newlineDelimitedJson;
    expect(closing?.(Buffer.from('{}\n'))).toBeUndefined();
    expect(Buffer.from(closing?.(Buffer.from('{}')) ?? []).toString()).toBe('\n');
  });
});
