/**
 * Encodes a value as MessagePack: strings as `str`, byte arrays as `bin`, `undefined` and `null` as `nil`. Members of an
 * object that are `undefined` are left out.
 *
 * @throws TypeError for what MessagePack has no form for (functions, symbols, big integers)
 */
export function encodeMessagePack(value: unknown): Buffer {
  const parts: Buffer[] = [];
  append(value, parts);
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
}

function append(value: unknown, parts: Buffer[]): void {
  if (value === undefined || value === null) parts.push(nil);
  else if (typeof value === 'boolean') parts.push(value ? yes : no);
  else if (typeof value === 'number') parts.push(encodeNumber(value));
  else if (typeof value === 'string') appendString(value, parts);
  else if (value instanceof Uint8Array) parts.push(header(binaryForms, value.length), Buffer.from(value));
  else if (Array.isArray(value)) appendArray(value, parts);
  else if (typeof value === 'object') appendMap(value, parts);
  else throw new TypeError(`A ${typeof value} cannot be sent to Kong.`);
}

const nil = Buffer.of(0xc0);
const no = Buffer.of(0xc2);
const yes = Buffer.of(0xc3);

interface LengthForms {
  /** First byte and largest length of the form that holds the length itself, where there is one. */
  readonly fixed?: readonly [first: number, limit: number];
  /** First bytes of the forms with a length of 1, 2 and 4 bytes. */
  readonly sized: readonly [number | undefined, number, number];
}

const stringForms: LengthForms = { fixed: [0xa0, 31], sized: [0xd9, 0xda, 0xdb] };
const binaryForms: LengthForms = { sized: [0xc4, 0xc5, 0xc6] };
const arrayForms: LengthForms = { fixed: [0x90, 15], sized: [undefined, 0xdc, 0xdd] };
const mapForms: LengthForms = { fixed: [0x80, 15], sized: [undefined, 0xde, 0xdf] };

function header({ fixed, sized: [one, two, four] }: LengthForms, length: number): Buffer {
  if (fixed !== undefined && length <= fixed[1]) return Buffer.of(fixed[0] + length);
  if (one !== undefined && length <= 0xff) return withUnsigned(one, length, 1);
  return length <= 0xffff ? withUnsigned(two, length, 2) : withUnsigned(four, length, 4);
}

function withUnsigned(first: number, value: number, size: 1 | 2 | 4): Buffer {
  const bytes = Buffer.alloc(1 + size, first);
  bytes.writeUIntBE(value, 1, size);
  return bytes;
}

/** Whole numbers in the shortest form: Lua reads a double as well, but prints it differently. */
function encodeNumber(value: number): Buffer {
  if (Number.isSafeInteger(value)) {
    if (value >= 0) return encodeUnsigned(value);
    if (value >= -32) return Buffer.of(value + 0x100);
    const bytes = Buffer.alloc(9, 0xd3);
    bytes.writeBigInt64BE(BigInt(value), 1);
    return bytes;
  }
  const bytes = Buffer.alloc(9, 0xcb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

function encodeUnsigned(value: number): Buffer {
  if (value <= 0x7f) return Buffer.of(value);
  if (value <= 0xff) return withUnsigned(0xcc, value, 1);
  if (value <= 0xffff) return withUnsigned(0xcd, value, 2);
  if (value <= 0xffffffff) return withUnsigned(0xce, value, 4);
  const bytes = Buffer.alloc(9, 0xcf);
  bytes.writeBigUInt64BE(BigInt(value), 1);
  return bytes;
}

function appendString(value: string, parts: Buffer[]): void {
  const bytes = Buffer.from(value, 'utf8');
  parts.push(header(stringForms, bytes.length), bytes);
}

function appendArray(values: readonly unknown[], parts: Buffer[]): void {
  parts.push(header(arrayForms, values.length));
  for (const value of values) append(value, parts);
}

function appendMap(map: object, parts: Buffer[]): void {
  const members = Object.entries(map).filter(([, value]) => value !== undefined);
  parts.push(header(mapForms, members.length));
  for (const [key, value] of members) {
    appendString(key, parts);
    append(value, parts);
  }
}
