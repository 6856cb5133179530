import { describe, expect, it } from '@jest/globals';
import { closeFrame, FrameWalker } from '../../src/pass-through/websocket-frames.ts';

function frame(opcode: number, length: number, masked = false): Buffer {
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + size + (masked ? 4 : 0), 0x88);
  header[0] = 0x80 | opcode;
  header[1] = (masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) header.writeUInt16BE(length, 2);
  if (size === 8) header.writeBigUInt64BE(BigInt(length), 2);
  // A payload that looks like close frames all over.
  return Buffer.concat([header, Buffer.alloc(length, 0x88)]);
}

const stream = Buffer.concat([frame(1, 0), frame(1, 125, true), frame(2, 126), frame(2, 70_000, true), frame(9, 5)]);

describe('FrameWalker', () => {
  it.each([1, 2, 3, 7, 125, 4096, 1_000_000])(
    'sees a close frame and no payload for one, in chunks of %i bytes',
    (size) => {
      const walker = new FrameWalker();
      const push = (bytes: Buffer): void => {
        for (let at = 0; at < bytes.length; at += size) walker.push(bytes.subarray(at, at + size));
      };
      push(stream);
      expect([walker.closeSeen, walker.atBoundary]).toEqual([false, true]);
      push(frame(8, 2, true));
      expect([walker.closeSeen, walker.atBoundary]).toEqual([true, true]);
    },
  );

  it('knows when a frame is half through', () => {
    const walker = new FrameWalker();
    walker.push(frame(1, 200).subarray(0, 1));
    expect(walker.atBoundary).toBe(false);
    walker.push(frame(1, 200).subarray(1, 50));
    expect(walker.atBoundary).toBe(false);
    walker.push(frame(1, 200).subarray(50));
    expect(walker.atBoundary).toBe(true);
  });

  it('reads its own close frame', () => {
    const walker = new FrameWalker();
    const bytes = closeFrame(1001, 'x'.repeat(200));
    walker.push(bytes);
    expect([walker.closeSeen, walker.atBoundary, bytes.length]).toEqual([true, true, 127]);
    expect(bytes.readUInt16BE(2)).toBe(1001);
  });
});
