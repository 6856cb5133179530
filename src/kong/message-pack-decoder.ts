/** Bytes that are not the MessagePack Kong sends. The connection they came over is of no more use. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/** Reads MessagePack from bytes; `undefined` as long as the value is not complete. */
export interface Decoded {
  readonly value: unknown;
  /** Offset after the value. */
  readonly end: number;
}

/** Kong's messages nest a handful of levels; more is an attack on the stack. */
const maxDepth = 32;

/** How many bytes there must be before it is worth trying again. */
class Incomplete {
  readonly needed: number;
  constructor(needed: number) {
    this.needed = needed;
  }
}

/**
 * Decodes the value that begins at `start`. Maps become objects without a prototype, `bin` becomes a Buffer, `nil`
 * becomes `undefined`. Extension types are refused: Kong has none.
 *
 * @returns the value, or the total number of bytes needed at least
 * @throws MalformedMessageError
 * @see https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export function decodeMessagePack(bytes: Buffer, start = 0): Decoded | number {
  const reader = new Reader(bytes, start);
  try {
    const value = reader.value(0);
    return { value, end: reader.offset };
  } catch (thrown) {
    if (thrown instanceof Incomplete) return thrown.needed;
    throw thrown;
  }
}

class Reader {
  offset: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  value(depth: number): unknown {
    const head = this.#bytes[this.#take(1)] ?? 0;
    if (head <= 0x7f) return head;
    if (head >= 0xe0) return head - 0x100;
    if (head <= 0x8f) return this.#map(head & 0x0f, depth);
    if (head <= 0x9f) return this.#array(head & 0x0f, depth);
    if (head <= 0xbf) return this.#string(head & 0x1f);
    return this.#prefixed(head, depth);
  }

  #prefixed(head: number, depth: number): unknown {
    switch (head) {
      case 0xc0:
        return undefined;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#binary(this.#unsigned(1));
      case 0xc5:
        return this.#binary(this.#unsigned(2));
      case 0xc6:
        return this.#binary(this.#unsigned(4));
      case 0xca:
        return this.#bytes.readFloatBE(this.#take(4));
      case 0xcb:
        return this.#bytes.readDoubleBE(this.#take(8));
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return Number(this.#bytes.readBigUInt64BE(this.#take(8)));
      case 0xd0:
        return this.#bytes.readInt8(this.#take(1));
      case 0xd1:
        return this.#bytes.readInt16BE(this.#take(2));
      case 0xd2:
        return this.#bytes.readInt32BE(this.#take(4));
      case 0xd3:
        return Number(this.#bytes.readBigInt64BE(this.#take(8)));
      case 0xd9:
        return this.#string(this.#unsigned(1));
      case 0xda:
        return this.#string(this.#unsigned(2));
      case 0xdb:
        return this.#string(this.#unsigned(4));
      case 0xdc:
        return this.#array(this.#unsigned(2), depth);
      case 0xdd:
        return this.#array(this.#unsigned(4), depth);
      case 0xde:
        return this.#map(this.#unsigned(2), depth);
      case 0xdf:
        return this.#map(this.#unsigned(4), depth);
      default:
        throw new MalformedMessageError(`The type 0x${head.toString(16)} is not taken.`);
    }
  }

  /** Offset of the next bytes, which are then behind the reader. */
  #take(length: number): number {
    const start = this.offset;
    if (start + length > this.#bytes.length) throw new Incomplete(start + length);
    this.offset = start + length;
    return start;
  }

  #unsigned(length: number): number {
    return this.#bytes.readUIntBE(this.#take(length), length);
  }

  #string(length: number): string {
    const start = this.#take(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  #binary(length: number): Buffer {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #array(length: number, depth: number): unknown[] {
    this.#enter(length, depth);
    return Array.from({ length }, () => this.value(depth + 1));
  }

  #map(length: number, depth: number): Record<string, unknown> {
    this.#enter(2 * length, depth);
    const map: Record<string, unknown> = Object.create(null);
    for (let index = 0; index < length; index += 1) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string' && typeof key !== 'number') {
        throw new MalformedMessageError('The keys of a map must be strings or numbers.');
      }
      map[key] = this.value(depth + 1);
    }
    return map;
  }

  /** Each member takes a byte at least: what cannot be there yet is not made room for. */
  #enter(members: number, depth: number): void {
    if (depth >= maxDepth) throw new MalformedMessageError(`Nested more than ${maxDepth} levels deep.`);
    if (this.offset + members > this.#bytes.length) throw new Incomplete(this.offset + members);
  }
}
