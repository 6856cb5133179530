import type { ChatEvent } from '../dialects/canonical.ts';
import type { StreamEncoder } from '../dialects/dialect.ts';
import type { SseFrame } from '../wire/sse-decoder.ts';

/** Turns what a provider streams into what the caller gets. */
export interface FrameWriter {
  /** One frame and what it means. `usageOnly` frames are for callers who asked for usage. */
  frame(frame: SseFrame, events: readonly ChatEvent[], usageOnly: boolean): void;
  /** What the decoder still had to say when the provider closed the stream. */
  tail(events: readonly ChatEvent[]): void;
  /** Everything since the last call, as one piece; `undefined` when there is nothing. */
  take(): Uint8Array | string | undefined;
}

/** The caller's dialect differs from the provider's: every event is encoded anew. */
export function translatingWriter(encoder: StreamEncoder): FrameWriter {
  let text = '';
  const encodeAll = (events: readonly ChatEvent[]): void => {
    for (const event of events) text += encoder.encode(event);
  };
  return {
    frame: (_frame, events) => encodeAll(events),
    tail: encodeAll,
    take() {
      const taken = text;
      text = '';
      return taken === '' ? undefined : taken;
    },
  };
}

/** Caller and provider speak the same: frames flow as they came, and those that arrived together leave together. */
export function passThroughWriter(encoder: StreamEncoder, options: { readonly includeUsage: boolean }): FrameWriter {
  let parts: Uint8Array[] = [];
  return {
    frame(frame, _events, usageOnly) {
      if (usageOnly && !options.includeUsage) return;
      const last = parts.at(-1);
      const joined = last === undefined ? undefined : joinNeighbours(last, frame.raw);
      if (joined === undefined) parts.push(frame.raw);
      else parts[parts.length - 1] = joined;
    },
    tail(events) {
      // A provider that ends without the dialect's end marker owes the caller one.
      const text = events.map((event) => (event.type === 'done' ? encoder.encode(event) : '')).join('');
      if (text !== '') parts.push(Buffer.from(text));
    },
    take() {
      const [first] = parts;
      const taken = parts.length > 1 ? Buffer.concat(parts) : first;
      parts = [];
      return taken;
    },
  };
}

/** Two views that touch in memory as one, without copying. */
function joinNeighbours(left: Uint8Array, right: Uint8Array): Uint8Array | undefined {
  const touching = left.buffer === right.buffer && left.byteOffset + left.length === right.byteOffset;
  return touching ? new Uint8Array(left.buffer, left.byteOffset, left.length + right.length) : undefined;
}
