import type { ChatEvent } from '../dialects/canonical.ts';
import type { StreamEncoder } from '../dialects/dialect.ts';
import type { StreamFrame, StreamFraming } from '../wire/stream-framing.ts';

/** Turns what a provider streams into what the caller gets. */
export interface FrameWriter {
  /** One frame and what it means. `usageOnly` frames are for callers who asked for usage. */
  frame(frame: StreamFrame, events: readonly ChatEvent[], usageOnly: boolean): void;
  /** What the decoder still had to say when the provider closed the stream. */
  tail(events: readonly ChatEvent[]): void;
  /** Everything since the last call, as one piece; `undefined` when there is nothing. */
  take(): Uint8Array | string | undefined;
}

/** The caller's dialect differs from the provider's: every event is encoded anew. */
export function translatingWriter(encoder: StreamEncoder): FrameWriter {
  let text = '';
  /** Only for dialects with binary frames. */
  let bytes: Uint8Array[] = [];
  const encodeAll = (events: readonly ChatEvent[]): void => {
    for (const event of events) {
      const piece = encoder.encode(event);
      if (typeof piece === 'string') text += piece;
      else bytes.push(piece);
    }
  };
  return {
    frame: (_frame, events) => encodeAll(events),
    tail: encodeAll,
    take() {
      if (bytes.length > 0) {
        const taken = bytes.length === 1 ? bytes[0] : Buffer.concat(bytes);
        bytes = [];
        return taken;
      }
      const taken = text;
      text = '';
      return taken === '' ? undefined : taken;
    },
  };
}

export interface PassThroughOptions {
  readonly framing: StreamFraming;
  readonly includeUsage: boolean;
}

/** Caller and provider speak the same: frames flow as they came, and those that arrived together leave together. */
export function passThroughWriter(encoder: StreamEncoder, options: PassThroughOptions): FrameWriter {
  const { framing } = options;
  let parts: Uint8Array[] = [];
  /** The frame before was withheld, and its last byte is half of a line end. */
  let halfWithheld = false;
  const add = (bytes: Uint8Array): void => {
    const last = parts.at(-1);
    const joined = last === undefined ? undefined : joinNeighbours(last, bytes);
    if (joined === undefined) parts.push(bytes);
    else parts[parts.length - 1] = joined;
  };
  return {
    frame(frame, _events, usageOnly) {
      if (usageOnly && !options.includeUsage) {
        halfWithheld = frame.raw.at(-1) === carriageReturn;
        return;
      }
      const raw = halfWithheld && frame.raw[0] === lineFeed ? frame.raw.subarray(1) : frame.raw;
      halfWithheld = false;
      // Only the last frame of a stream can be open: what follows, an end marker or an error, must not run into it.
      const closing = framing.closing?.(raw);
      if (closing !== undefined && (frame.data === undefined || frame.data === '')) return;
      add(raw);
      if (closing !== undefined) add(closing);
    },
    tail(events) {
      // A provider that ends without the dialect's end marker owes the caller one.
      for (const event of events) if (event.type === 'done') parts.push(Buffer.from(encoder.encode(event)));
    },
    take() {
      const [first] = parts;
      const taken = parts.length > 1 ? Buffer.concat(parts) : first;
      parts = [];
      return taken;
    },
  };
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** Two views that touch in memory as one, without copying. */
function joinNeighbours(left: Uint8Array, right: Uint8Array): Uint8Array | undefined {
  const touching = left.buffer === right.buffer && left.byteOffset + left.length === right.byteOffset;
  return touching ? new Uint8Array(left.buffer, left.byteOffset, left.length + right.length) : undefined;
}
