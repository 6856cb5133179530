import { describe, expect, it } from '@jest/globals';
import { EventStreamCodec, Int64, type MessageHeaders } from '@smithy/core/event-streams';
import fc from 'fast-check';
import { EventStreamError, type HeaderValue, readMessage, writeMessage } from '../../src/wire/aws-event-stream.ts';

/** The codec of AWS's own SDK. */
const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString('utf8'),
  (text) => Buffer.from(text),
);

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
/** What a `Date`, in which AWS's codec has its timestamps, can hold. */
const date = fc.bigInt({ min: -8_640_000_000_000_000n, max: 8_640_000_000_000_000n });
const value: fc.Arbitrary<HeaderValue> = fc.oneof(
  fc.boolean().map((given) => ({ type: 'boolean', value: given }) as const),
  fc.integer({ min: -128, max: 127 }).map((given) => ({ type: 'byte', value: given }) as const),
  fc.integer({ min: -32_768, max: 32_767 }).map((given) => ({ type: 'short', value: given }) as const),
  fc.integer().map((given) => ({ type: 'integer', value: given }) as const),
  long.map((given) => ({ type: 'long', value: given }) as const),
  date.map((given) => ({ type: 'timestamp', value: given }) as const),
  fc.uint8Array({ maxLength: 300 }).map((given) => ({ type: 'binary', value: given }) as const),
  fc.string({ unit: 'grapheme', maxLength: 300 }).map((given) => ({ type: 'string', value: given }) as const),
  fc.uuid().map((given) => ({ type: 'uuid', value: given }) as const),
);
/** Begins like AWS's own: an object would put names that are numbers first. */
const name = fc.string({ maxLength: 60 }).map((text) => `:${text}`);
const headers = fc.uniqueArray(fc.tuple(name, value), { maxLength: 6, selector: ([key]) => key });
const message = fc.record({ headers: headers.map((entries) => new Map(entries)), payload: fc.uint8Array() });

describe('a message of an event stream', () => {
  it('is written and read without a loss, whatever its headers are', () => {
    fc.assert(
      fc.property(message, (given) => {
        const read = readMessage(writeMessage(given));
        expect([...read.headers].map(plain)).toEqual([...given.headers].map(plain));
        expect(Buffer.from(read.payload).equals(Buffer.from(given.payload))).toBe(true);
      }),
      { numRuns: 300, seed: 3 },
    );
  });

  it("is the one AWS's own codec writes and reads", () => {
    fc.assert(
      fc.property(message, (given) => {
        const bytes = writeMessage(given);
        const theirs = codec.encode({ headers: theirHeaders(given.headers), body: given.payload });
        expect(Buffer.from(bytes).equals(Buffer.from(theirs))).toBe(true);
        expect(Buffer.from(codec.decode(bytes).body).equals(Buffer.from(given.payload))).toBe(true);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  it('is refused when a single bit of it is wrong', () => {
    const bytes = writeMessage({
      headers: new Map([[':event-type', { type: 'string', value: 'messageStart' }]]),
      payload: Buffer.from('{"role":"assistant"}'),
    });
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const wrong = Buffer.from(bytes);
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(refusal(wrong)).toBe('EventStreamError');
    }
  });

  it('is refused when it is cut, or longer than it says', () => {
    const bytes = writeMessage({ headers: new Map(), payload: Buffer.from('{}') });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(refusal(bytes.subarray(0, length))).toBe('EventStreamError');
    }
    expect(refusal(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe('EventStreamError');
  });

  it('is refused when a header has a type that does not exist, or runs beyond the end', () => {
    for (const wrong of [
      [1, 0x61, 10],
      [200, 0x61],
      [1, 0x61, 7, 0, 9, 0x61],
      [1, 0x61, 5, 0],
    ]) {
      expect(refusal(sealed(wrong))).toBe('EventStreamError');
    }
  });
});

function refusal(bytes: Uint8Array): string | undefined {
  try {
    readMessage(bytes);
    return undefined;
  } catch (thrown) {
    return thrown instanceof EventStreamError ? thrown.name : String(thrown);
  }
}

/** A message with these bytes where its headers stand, and checksums that fit. */
function sealed(headerBytes: readonly number[]): Uint8Array {
  // A binary header of the same length gives a message of the right size, whose headers are then replaced.
  const written = Buffer.from(writeMessage({ headers: new Map(), payload: Buffer.from(headerBytes) }));
  written.writeUInt32BE(headerBytes.length, 4);
  written.writeUInt32BE(checksum(written.subarray(0, 8)), 8);
  written.writeUInt32BE(checksum(written.subarray(0, -4)), written.length - 4);
  return written;
}

/** CRC-32 bit by bit: https://www.rfc-editor.org/rfc/rfc1952#section-8 */
function checksum(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function plain([key, header]: readonly [string, HeaderValue]) {
  return [key, header.type, header.type === 'binary' ? Buffer.from(header.value).toString('hex') : header.value];
}

function theirHeaders(given: ReadonlyMap<string, HeaderValue>): MessageHeaders {
  return Object.fromEntries(
    [...given].map(([key, header]): [string, MessageHeaders[string]] => {
      switch (header.type) {
        case 'long':
          return [key, { type: 'long', value: int64(header.value) }];
        case 'timestamp':
          return [key, { type: 'timestamp', value: new Date(Number(header.value)) }];
        default:
          return [key, header];
      }
    }),
  );
}

function int64(given: bigint): Int64 {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(given);
  return new Int64(bytes);
}
