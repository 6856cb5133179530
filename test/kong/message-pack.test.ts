import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeMessagePack, MalformedMessageError } from '../../src/kong/message-pack-decoder.ts';
import { encodeMessagePack } from '../../src/kong/message-pack-encoder.ts';
import { MessageStream } from '../../src/kong/message-stream.ts';
import { ample } from '../support/ample.ts';

const reference: { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): unknown } = createRequire(
  createRequire(import.meta.url).resolve('kong-pdk/package.json'),
)('@msgpack/msgpack');

function decode(bytes: Uint8Array): unknown {
  const decoded = decodeMessagePack(Buffer.from(bytes));
  if (typeof decoded === 'number') throw new Error('The message is not complete.');
  expect(decoded.end).toBe(bytes.length);
  return decoded.value;
}

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ minLength: 250, maxLength: 300 }));
const scalar = fc.oneof(
  text,
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.integer({ min: -200, max: 300 }),
);
const message = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 20 }),
    // The other codec refuses this one.
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
    ),
  ),
})).value;

describe('MessagePack', () => {
  it('is read as another codec writes it', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(decode(reference.encode(value))).toEqual(plain(value));
      }),
      { seed: 7 },
    );
  });

  it('is written as another codec reads it', () => {
    fc.assert(
      fc.property(message, (value) => {
        expect(reference.decode(encodeMessagePack(value))).toEqual(plain(value));
      }),
      { seed: 7 },
    );
  });

  it.each([0, 31, 32, 255, 256, 65_535, 65_536])('carries texts, bytes, lists and maps of length %d', (length) => {
    const value = {
      text: 'x'.repeat(length),
      bytes: Buffer.alloc(length, 7),
      list: Array.from({ length }, () => 1),
      map: Object.fromEntries(Array.from({ length }, (_, index) => [`k${index}`, index])),
    };
    const read = Object(decode(encodeMessagePack(value)));
    expect(read.text).toBe(value.text);
    expect(Buffer.compare(read.bytes, value.bytes)).toBe(0);
    expect(read.list).toHaveLength(length);
    expect(Object.keys(read.map)).toHaveLength(length);
    expect(Buffer.compare(Buffer.from(Object(reference.decode(encodeMessagePack(value))).bytes), value.bytes)).toBe(0);
  });

  it('reads the old forms of strings that Lua writes: no str 8', () => {
    const text = 'y'.repeat(40);
    expect(decode(Buffer.concat([Buffer.of(0xda, 0, 40), Buffer.from(text)]))).toBe(text);
    expect(decode(Buffer.concat([Buffer.of(0xdb, 0, 0, 0, 40), Buffer.from(text)]))).toBe(text);
  });

  it('leaves out what is undefined, and reads nil as undefined', () => {
    expect(reference.decode(encodeMessagePack({ a: undefined, b: null, c: 1 }))).toEqual({ b: null, c: 1 });
    expect(decode(Buffer.of(0xc0))).toBeUndefined();
  });

  it('HC-07 reads maps without a prototype', () => {
    const map = Object(decode(reference.encode(JSON.parse('{"__proto__":{"polluted":1},"constructor":2}'))));
    expect(Object.getPrototypeOf(map)).toBeNull();
    expect(map.constructor).toBe(2);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it.each([
    ['an extension type', Buffer.of(0xd4, 1, 2)],
    ['the type that is never used', Buffer.of(0xc1)],
    ['a map whose key is a list', Buffer.of(0x81, 0x90, 0x01)],
    ['40 levels of lists', Buffer.from([...Array.from({ length: 40 }, () => 0x91), 1])],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeMessagePack(bytes)).toThrow(MalformedMessageError);
  });

  it('makes no room for what is only announced', () => {
    expect(decodeMessagePack(Buffer.of(0xdd, 0xff, 0xff, 0xff, 0xff))).toBe(5 + 0xffffffff);
    expect(() => new MessageStream().push(Buffer.of(0xc6, 0xff, 0xff, 0xff, 0xff))).toThrow(MalformedMessageError);
  });

  it('never throws anything but its own error, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeMessagePack(Buffer.from(bytes));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(MalformedMessageError);
        }
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });
});

describe('a stream of messages', () => {
  const messages = [
    [0, 1, 'plugin.Step', [{ EventId: 7, Data: { accept: ['a', 'b'] } }]],
    'x'.repeat(300),
    [],
    { a: -1.5 },
  ];
  const bytes = Buffer.concat(messages.map((value) => reference.encode(value)));

  it('is cut at every byte without a difference', () => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const stream = new MessageStream();
      const read = [...stream.push(bytes.subarray(0, cut)), ...stream.push(bytes.subarray(cut))];
      expect(read).toEqual(messages);
    }
  });

  it('arrives byte by byte without a difference', () => {
    const stream = new MessageStream();
    expect([...bytes].flatMap((byte) => stream.push(Buffer.of(byte)))).toEqual(messages);
  });

  it('takes a large body in many pieces in linear time', () => {
    const body = Buffer.from(reference.encode(Buffer.alloc(20 * 1024 * 1024, 1)));
    const stream = new MessageStream();
    const startedAt = performance.now();
    let read: readonly unknown[] = [];
    for (let offset = 0; offset < body.length; offset += 4096) read = stream.push(body.subarray(offset, offset + 4096));
    expect(read).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(ample);
  });
});

/** Without prototypes and with -0 as 0, as both codecs give it. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
  }
  return Object.is(value, -0) ? 0 : value;
}
