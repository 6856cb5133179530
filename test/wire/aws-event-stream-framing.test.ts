import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeMessage } from '../../src/wire/aws-event-stream.ts';
import {
  awsEventStream,
  EventStreamReader,
  eventFrame,
  exceptionFrame,
} from '../../src/wire/aws-event-stream-framing.ts';
import { FrameTooLargeError, type StreamFrame } from '../../src/wire/stream-framing.ts';

function framesOf(chunks: Iterable<Uint8Array>): StreamFrame[] {
  const frames: StreamFrame[] = [];
  const reader = awsEventStream.reader((frame) => frames.push(frame));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return frames;
}

const stream = Buffer.concat([
  eventFrame('messageStart', '{"role":"assistant"}'),
  eventFrame('contentBlockDelta', '{"delta":{"text":"\u00e9\u4e2d\ud83d\ude00"}}'),
  eventFrame('messageStop', '{}'),
  exceptionFrame('throttlingException', '{"message":"Slow down."}'),
]);
const expected = [
  ['messageStart', '{"role":"assistant"}'],
  ['contentBlockDelta', '{"delta":{"text":"\u00e9\u4e2d\ud83d\ude00"}}'],
  ['messageStop', '{}'],
  ['exception:throttlingException', '{"message":"Slow down."}'],
];

describe('a stream of binary frames', () => {
  it('is cut into its frames, however it arrives', () => {
    for (let at = 0; at <= stream.length; at += 1) {
      const frames = framesOf([stream.subarray(0, at), stream.subarray(at)]);
      expect(frames.map(({ event, data }) => [event, data])).toEqual(expected);
    }
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1 }), (sizes) => {
        const chunks: Uint8Array[] = [];
        for (let start = 0, turn = 0; start < stream.length; turn += 1) {
          const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
          chunks.push(stream.subarray(start, start + size));
          start += size;
        }
        expect(framesOf(chunks).map(({ event, data }) => [event, data])).toEqual(expected);
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  it('is the same bytes again when its frames are joined', () => {
    for (const size of [1, 7, 50, stream.length]) {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
        stream.subarray(index * size, (index + 1) * size),
      );
      expect(Buffer.concat(framesOf(chunks).map(({ raw }) => raw)).equals(stream)).toBe(true);
    }
  });

  it('is not copied where whole frames arrive', () => {
    expect(framesOf([stream]).every(({ raw }) => raw.buffer === stream.buffer)).toBe(true);
  });

  it('has no frame of what broke off', () => {
    expect(framesOf([stream.subarray(0, -1)])).toHaveLength(3);
  });

  it('says what is wrong when a frame has another checksum', () => {
    const wrong = Buffer.from(stream);
    wrong[60] = (wrong[60] ?? 0) ^ 1;
    expect(() => framesOf([wrong])).toThrow(expect.objectContaining({ name: 'EventStreamError' }));
  });

  it('is refused at its first bytes when it is text', () => {
    expect(() => framesOf([Buffer.from('data: {"a":1}\n\n')])).toThrow(
      expect.objectContaining({ name: 'EventStreamError' }),
    );
  });

  it('may have no frame larger than the limit, and none is waited for', () => {
    const frame = eventFrame('x', `"${'y'.repeat(2000)}"`);
    const reader = new EventStreamReader(() => {}, 1000);
    expect(() => reader.push(frame.subarray(0, 12))).toThrow(FrameTooLargeError);
  });

  it('reads an error from its headers where it has no payload', () => {
    const bytes = writeMessage({
      headers: new Map([
        [':message-type', { type: 'string', value: 'error' }],
        [':error-code', { type: 'string', value: 'InternalFailure' }],
        [':error-message', { type: 'string', value: 'It "broke".' }],
      ]),
      payload: new Uint8Array(0),
    });
    expect(framesOf([bytes])[0]).toMatchObject({
      event: 'error:InternalFailure',
      data: '{"message":"It \\"broke\\"."}',
    });
  });

  it('reads frames that do not say what kind of message they are', () => {
    const bytes = writeMessage({
      headers: new Map([[':event-type', { type: 'string', value: 'chunk' }]]),
      payload: Buffer.from('{}'),
    });
    expect(framesOf([bytes])[0]).toMatchObject({ event: 'chunk', data: '{}' });
    expect(framesOf([writeMessage({ headers: new Map(), payload: Buffer.from('{}') })])[0]).toMatchObject({
      event: undefined,
      data: '{}',
    });
  });

  it('tells bytes that are no text from a replacement character that was sent', () => {
    const damaged = (payload: Uint8Array) => framesOf([eventFrame('x', payload)])[0]?.damaged;
    expect(damaged(Buffer.from([0x22, 0xff, 0x22]))).toBe(true);
    expect(damaged(Buffer.from('"\ufffd"'))).toBe(false);
    expect(damaged(Buffer.from('"a"'))).toBe(false);
  });
});
