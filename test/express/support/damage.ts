import type { WireEvent } from '../../../src/dialects/dialect.ts';
import { awsEventStream, eventFrame } from '../../../src/wire/aws-event-stream-framing.ts';
import { newlineDelimitedJson } from '../../../src/wire/ndjson-framing.ts';
import type { StreamFraming } from '../../../src/wire/stream-framing.ts';

/** A number in [0, 1). */
export type Chance = () => number;

export const whole = (chance: Chance, below: number): number => Math.floor(chance() * below);

export function pick<Value>(chance: Chance, values: readonly Value[]): Value {
  const value = values[whole(chance, values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  '',
  ' ',
  'text',
  '\u0000',
  '\ud800',
  'data:',
  'data:x',
  'http://[',
  'x'.repeat(300),
  [],
  [[]],
  [null],
  ['text'],
  [{}],
  {},
  { type: null },
  { type: 'text' },
  { type: 'function' },
  { $ref: '#' },
  { properties: { a: { $ref: '#/properties/a' } } },
  { toString: 1 },
  { length: -1 },
];
const oddKeys = ['type', 'role', 'content', 'x', 'constructor', 'hasOwnProperty'] as const;

/** A copy with some places replaced, removed, doubled or renamed. */
export function mutated(value: unknown, chance: Chance): unknown {
  if (chance() < 0.04) return pick(chance, oddValues);
  if (Array.isArray(value)) {
    return value.flatMap((item) => {
      const roll = chance();
      if (roll < 0.03) return [];
      return roll < 0.06 ? [mutated(item, chance), mutated(item, chance)] : [mutated(item, chance)];
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
      const roll = chance();
      if (roll < 0.03) return [];
      return [[roll < 0.05 ? pick(chance, oddKeys) : key, mutated(item, chance)]];
    }),
  );
}

/** JSON with something else in it. */
export function mutatedJson(json: string, chance: Chance): string {
  return JSON.stringify(mutated(JSON.parse(json), chance));
}

/** The bytes with some of them replaced, or cut off. */
export function damagedBytes(bytes: Buffer, chance: Chance): Buffer {
  if (bytes.length === 0) return bytes;
  for (let count = chance() < 0.3 ? 1 + whole(chance, 3) : 0; count > 0; count -= 1)
    bytes[whole(chance, bytes.length)] = whole(chance, 256);
  return chance() < 0.1 ? bytes.subarray(0, whole(chance, bytes.length)) : bytes;
}

/** A stream in which events are changed, doubled, left out or out of place, and bytes are damaged. */
export function damagedStream(events: readonly WireEvent[], framing: StreamFraming, chance: Chance): Buffer {
  const changed = events.flatMap((event) => {
    const roll = chance();
    if (roll < 0.02) return [];
    const data = event.data.startsWith('{') && chance() < 0.3 ? mutatedJson(event.data, chance) : event.data;
    return roll < 0.04 ? [event, { ...event, data }] : [{ ...event, data }];
  });
  if (chance() < 0.05 && changed.length > 0) changed.splice(whole(chance, changed.length), 0, pick(chance, changed));
  const write = framesOf(framing);
  return damagedBytes(Buffer.concat(changed.map((event) => write(event, chance))), chance);
}

/** A stream as its sender meant it. */
export function writtenStream(events: readonly WireEvent[], framing: StreamFraming): Buffer {
  const write = framesOf(framing);
  return Buffer.concat(events.map((event) => write(event, () => 1)));
}

type WriteFrame = (event: WireEvent, chance: Chance) => Uint8Array;

function framesOf(framing: StreamFraming): WriteFrame {
  if (framing === awsEventStream) return binaryFrame;
  return framing === newlineDelimitedJson ? ({ data }, chance) => textFrame([data], '\n', chance) : serverSentEvent;
}

const serverSentEvent: WriteFrame = ({ event, data }, chance) =>
  textFrame([...(event === undefined ? [] : [`event: ${event}`]), `data: ${data}`], '\n\n', chance);

const oddLines = ['', 'data:', 'event: error', ': x', 'data: {', 'data: [DONE]', '{', '[]', 'null'] as const;

function textFrame(lines: readonly string[], end: string, chance: Chance): Buffer {
  const written = lines.map((line) => (chance() < 0.01 ? pick(chance, [...oddLines, line + line]) : line));
  return Buffer.from(written.join('\n') + end);
}

const oddTypes = ['', 'messageStart', 'somethingNew', 'constructor', 'internalServerException'] as const;

/** The checksums fit, so that what is odd is read. */
function binaryFrame({ event = '', data }: WireEvent, chance: Chance): Uint8Array {
  const type = chance() < 0.01 ? pick(chance, oddTypes) : event;
  return eventFrame(type, chance() < 0.01 ? pick(chance, ['', '{', '[]', 'null', data + data]) : data);
}
