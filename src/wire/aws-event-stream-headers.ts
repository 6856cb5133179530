/** A header's value with its type on the wire. https://smithy.io/2.0/aws/amazon-eventstream.html#headers */
export type HeaderValue =
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'byte' | 'short' | 'integer'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  | { readonly type: 'string'; readonly value: string }
  /** Milliseconds since 1970. */
  | { readonly type: 'timestamp'; readonly value: bigint }
  /** As in `01234567-89ab-cdef-0123-456789abcdef`. */
  | { readonly type: 'uuid'; readonly value: string };

/** Bytes that can be no message: a length that is none, a checksum that does not fit, a header of no known type. */
export class EventStreamError extends Error {
  override readonly name = 'EventStreamError';
}

/** The number of each type; a boolean's number is its value. */
const typeNumbers = {
  true: 0,
  false: 1,
  byte: 2,
  short: 3,
  integer: 4,
  long: 5,
  binary: 6,
  string: 7,
  timestamp: 8,
  uuid: 9,
} as const;

const utf8 = new TextDecoder('utf-8');
const uuidLength = 16;

/**
 * @param bytes all headers of a message
 * @throws EventStreamError when a header runs beyond the end, or has a type that does not exist
 */
export function readHeaders(bytes: Uint8Array): ReadonlyMap<string, HeaderValue> {
  const headers = new Map<string, HeaderValue>();
  const cursor = new Cursor(bytes);
  while (!cursor.atEnd) {
    const name = utf8.decode(cursor.take(cursor.byte()));
    headers.set(name, readValue(cursor));
  }
  return headers;
}

function readValue(cursor: Cursor): HeaderValue {
  const type = cursor.byte();
  switch (type) {
    case typeNumbers.true:
    case typeNumbers.false:
      return { type: 'boolean', value: type === typeNumbers.true };
    case typeNumbers.byte:
      return { type: 'byte', value: cursor.view(1).getInt8(0) };
    case typeNumbers.short:
      return { type: 'short', value: cursor.view(2).getInt16(0) };
    case typeNumbers.integer:
      return { type: 'integer', value: cursor.view(4).getInt32(0) };
    case typeNumbers.long:
      return { type: 'long', value: cursor.view(8).getBigInt64(0) };
    case typeNumbers.binary:
      return { type: 'binary', value: cursor.take(cursor.view(2).getUint16(0)) };
    case typeNumbers.string:
      return { type: 'string', value: utf8.decode(cursor.take(cursor.view(2).getUint16(0))) };
    case typeNumbers.timestamp:
      return { type: 'timestamp', value: cursor.view(8).getBigInt64(0) };
    case typeNumbers.uuid:
      return { type: 'uuid', value: readUuid(cursor.take(uuidLength)) };
    default:
      throw new EventStreamError(`A header has the type ${type}, which does not exist.`);
  }
}

function readUuid(bytes: Uint8Array): string {
  const digits = Buffer.from(bytes).toString('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Reads on from where it stands, and throws rather than read beyond the end. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new EventStreamError('A header runs beyond the end of its message.');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  view(length: number): DataView {
    const bytes = this.take(length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.view(1).getUint8(0);
  }
}

/** @throws RangeError when a name is longer than 255 bytes, or a value longer than 65,535 */
export function writeHeaders(headers: ReadonlyMap<string, HeaderValue>): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of headers) {
    const bytes = Buffer.from(name);
    parts.push(integer(1, bytes.length), bytes, ...writeValue(value));
  }
  return Buffer.concat(parts);
}

function writeValue(header: HeaderValue): readonly Uint8Array[] {
  switch (header.type) {
    case 'boolean':
      return [integer(1, header.value ? typeNumbers.true : typeNumbers.false)];
    case 'byte':
      return [integer(1, typeNumbers.byte), integer(1, header.value & 0xff)];
    case 'short':
      return [integer(1, typeNumbers.short), integer(2, header.value & 0xffff)];
    case 'integer':
      return [integer(1, typeNumbers.integer), integer(4, header.value >>> 0)];
    case 'long':
    case 'timestamp':
      return [integer(1, typeNumbers[header.type]), long(header.value)];
    case 'binary':
      return [integer(1, typeNumbers.binary), integer(2, header.value.length), header.value];
    case 'string': {
      const bytes = Buffer.from(header.value);
      return [integer(1, typeNumbers.string), integer(2, bytes.length), bytes];
    }
    case 'uuid':
      return [integer(1, typeNumbers.uuid), Buffer.from(header.value.replaceAll('-', ''), 'hex')];
  }
}

function integer(length: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}

function long(value: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
