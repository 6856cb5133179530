import { describe, expect, it } from '@jest/globals';
import { passThroughWriter, translatingWriter } from '../../src/attempt/frame-writer.ts';
import type { ChatEvent } from '../../src/dialects/canonical.ts';
import type { StreamEncoder } from '../../src/dialects/dialect.ts';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';
import { serverSentEvents as framing } from '../../src/wire/sse-framing.ts';
import type { StreamFrame } from '../../src/wire/stream-framing.ts';

const encoder: StreamEncoder = {
  contentType: 'text/plain',
  encode: (event) => `<${event.type}>`,
  fail: () => '<fail>',
};
const done: ChatEvent = { type: 'done' };
const delta = (text: string): ChatEvent => ({ type: 'text-delta', choice: 0, text });

/** The frames of a stream that arrives in these chunks. */
function frames(...chunks: readonly string[]): readonly StreamFrame[] {
  const found: StreamFrame[] = [];
  const decoder = new SseDecoder((frame) => found.push(frame));
  for (const chunk of chunks) decoder.push(Buffer.from(chunk));
  decoder.end();
  return found;
}

const textOf = (piece: Uint8Array | string | undefined) =>
  piece === undefined ? undefined : Buffer.from(piece).toString();

describe('translatingWriter', () => {
  it('gives everything since the last call as one piece', () => {
    const writer = translatingWriter(encoder);
    const [frame] = frames('data: 1\n\n');
    if (frame === undefined) throw new Error('no frame');
    expect(writer.take()).toBeUndefined();
    writer.frame(frame, [delta('a'), delta('b')], false);
    writer.frame(frame, [], true);
    writer.tail([done]);
    expect(writer.take()).toBe('<text-delta><text-delta><done>');
    expect(writer.take()).toBeUndefined();
  });
});

describe('passThroughWriter', () => {
  it('passes every byte on, comments and odd line ends included', () => {
    const stream = ': hello\n\ndata: 1\r\n\r\nevent: x\rdata: 2\r\rid: 7\ndata:3\n\n';
    const writer = passThroughWriter(encoder, { framing, includeUsage: false });
    for (const frame of frames(stream)) writer.frame(frame, [], false);
    expect(textOf(writer.take())).toBe(stream);
  });

  it('copies nothing when the frames of one chunk leave together', () => {
    const bytes = Buffer.from('data: 1\n\ndata: 2\n\ndata: 3\n\n');
    const writer = passThroughWriter(encoder, { framing, includeUsage: false });
    const decoder = new SseDecoder((frame) => writer.frame(frame, [], false));
    decoder.push(bytes);
    const piece = writer.take();
    expect(typeof piece === 'object' && piece.buffer === bytes.buffer && piece.byteOffset === bytes.byteOffset).toBe(
      true,
    );
    expect(textOf(piece)).toBe(bytes.toString());
  });

  it.each([
    [false, 'data: 1\n\ndata: 3\n\n'],
    [true, 'data: 1\n\ndata: usage\n\ndata: 3\n\n'],
  ])('with usage asked for: %p, a frame with usage alone is passed on accordingly', (includeUsage, expected) => {
    const writer = passThroughWriter(encoder, { framing, includeUsage });
    for (const frame of frames('data: 1\n\ndata: usage\n\ndata: 3\n\n')) {
      writer.frame(frame, [], frame.data === 'usage');
    }
    expect(textOf(writer.take())).toBe(expected);
  });

  it('withholds the whole line end of a frame, also when the network cut it in two', () => {
    const writer = passThroughWriter(encoder, { framing, includeUsage: false });
    for (const frame of frames('data: 1\r\n\r\ndata: usage\r\n\r', '\ndata: 3\r\n\r\n')) {
      writer.frame(frame, [], frame.data === 'usage');
    }
    expect(textOf(writer.take())).toBe('data: 1\r\n\r\ndata: 3\r\n\r\n');
  });

  it('joins frames of several chunks', () => {
    const writer = passThroughWriter(encoder, { framing, includeUsage: false });
    for (const frame of frames('data: 1\n', '\nda', 'ta: 2\n\n')) writer.frame(frame, [], false);
    expect(textOf(writer.take())).toBe('data: 1\n\ndata: 2\n\n');
    expect(writer.take()).toBeUndefined();
  });

  it.each(['data: 1\n\ndata: 2', 'data: 1\n\ndata: 2\n', 'data: 1\n\ndata: 2\r\n', 'data: 1\n\nevent: e\ndata: 2\r'])(
    'PT-06: closes a last frame that the provider left open, so that nothing runs into it: %j',
    (stream) => {
      const writer = passThroughWriter(encoder, { framing, includeUsage: false });
      for (const frame of frames(stream)) writer.frame(frame, [], false);
      writer.tail([done]);
      const read = frames(textOf(writer.take()) ?? '');
      expect(read.map(({ data }) => data)).toEqual(['1', '2', undefined]);
      expect(textOf(read.at(-1)?.raw)).toBe('<done>');
    },
  );

  it.each(['da', 'event: message_stop\n', 'event: message_stop\ndata: '])(
    'PT-06: passes on nothing of a last frame that was cut off before it said anything: %j',
    (rest) => {
      const writer = passThroughWriter(encoder, { framing, includeUsage: false });
      for (const frame of frames(`data: 1\n\n${rest}`)) writer.frame(frame, [], false);
      expect(textOf(writer.take())).toBe('data: 1\n\n');
    },
  );

  it('adds the end marker a provider owes, and nothing else', () => {
    const writer = passThroughWriter(encoder, { framing, includeUsage: true });
    writer.tail([delta('held back'), { type: 'usage', usage: { inputTokens: 1, outputTokens: 1 } }]);
    expect(writer.take()).toBeUndefined();
    writer.tail([done]);
    expect(textOf(writer.take())).toBe('<done>');
  });
});
