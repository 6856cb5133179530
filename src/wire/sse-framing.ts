import { SseDecoder } from './sse-decoder.ts';
import type { StreamFraming } from './stream-framing.ts';

/** Server-sent events: https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const serverSentEvents: StreamFraming = {
  mediaType: 'text/event-stream',
  reader: (onFrame) => new SseDecoder(onFrame),
  closing: (lastFrame) => (endsWithBlankLine(lastFrame) ? undefined : blankLine),
};

/** The same for streams whose frames may be larger than a megabyte: pictures. */
export function serverSentEventsUpTo(maxFrameBytes: number): StreamFraming {
  return { ...serverSentEvents, reader: (onFrame) => new SseDecoder(onFrame, maxFrameBytes) };
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const blankLine = Buffer.from('\n\n');

function endsWithBlankLine(bytes: Uint8Array): boolean {
  const last = bytes.length - 1;
  if (!isLineEnd(bytes[last])) return false;
  const before = bytes[last] === lineFeed && bytes[last - 1] === carriageReturn ? last - 2 : last - 1;
  return before < 0 || isLineEnd(bytes[before]);
}

function isLineEnd(byte: number | undefined): boolean {
  return byte === lineFeed || byte === carriageReturn;
}
