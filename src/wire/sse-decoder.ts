import { isUtf8 } from 'node:buffer';
import { createParser, type EventSourceParser } from 'eventsource-parser';
import { type FrameReader, FrameTooLargeError, type StreamFrame } from './stream-framing.ts';

const LF = 0x0a;
const CR = 0x0d;
const defaultMaxFrameBytes = 1024 * 1024;

/**
 * Cuts a byte stream into server-sent events, comments included. Boundaries are found on bytes, so that a frame can
 * be passed on unchanged and no character is ever decoded in halves; the field grammar is eventsource-parser's.
 *
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export class SseDecoder implements FrameReader {
  readonly #onFrame: (frame: StreamFrame) => void;
  readonly #maxFrameBytes: number;
  readonly #parser: EventSourceParser;
  /** Bytes of the frame that is not complete yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #lineIsEmpty = true;
  #afterCarriageReturn = false;
  #event: string | undefined;
  #data: string | undefined;

  constructor(onFrame: (frame: StreamFrame) => void, maxFrameBytes = defaultMaxFrameBytes) {
    this.#onFrame = onFrame;
    this.#maxFrameBytes = maxFrameBytes;
    this.#parser = createParser({
      onEvent: (message) => {
        this.#event = message.event;
        this.#data = message.data;
      },
      // Frames are bounded here already.
      maxBufferSize: Number.POSITIVE_INFINITY,
    });
  }

  /** @throws FrameTooLargeError when the frame under way is larger than allowed */
  push(chunk: Uint8Array): void {
    let start = 0;
    const lineEnds = new LineEnds(chunk);
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index];
      const closesCrLf = byte === LF && this.#afterCarriageReturn;
      this.#afterCarriageReturn = byte === CR;
      // The LF of a CRLF ends no line of its own. After a frame that ended in CR it opens the next frame, harmlessly.
      if (closesCrLf) continue;
      if (byte !== LF && byte !== CR) {
        this.#lineIsEmpty = false;
        index = lineEnds.from(index) - 1;
      } else if (this.#lineIsEmpty) {
        const end = byte === CR && chunk[index + 1] === LF ? index + 2 : index + 1;
        this.#emit(chunk.subarray(start, end));
        start = end;
      } else {
        this.#lineIsEmpty = true;
      }
    }
    if (start < chunk.length) this.#hold(start === 0 ? chunk : chunk.subarray(start));
  }

  /** The stream is over: a last frame without its blank line is still a frame. */
  end(): void {
    if (this.#heldBytes === 0) return;
    const raw = this.#join(new Uint8Array(0));
    this.#deliver(raw, `${decode(raw)}\n\n`);
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > this.#maxFrameBytes) {
      throw new FrameTooLargeError(`A frame of the stream is larger than ${this.#maxFrameBytes} bytes.`);
    }
  }

  #emit(tail: Uint8Array): void {
    this.#lineIsEmpty = true;
    const raw = this.#join(tail);
    if (raw.length > this.#maxFrameBytes) {
      throw new FrameTooLargeError(`A frame of the stream is larger than ${this.#maxFrameBytes} bytes.`);
    }
    this.#deliver(raw, decode(raw));
  }

  #join(tail: Uint8Array): Uint8Array {
    if (this.#heldBytes === 0) return tail;
    const joined = Buffer.concat([...this.#held, tail]);
    this.#held = [];
    this.#heldBytes = 0;
    return joined;
  }

  #deliver(raw: Uint8Array, text: string): void {
    this.#event = undefined;
    this.#data = undefined;
    this.#parser.feed(text);
    // A U+FFFD was sent as such, or is the trace of invalid bytes.
    const damaged = text.includes('\uFFFD') && !isUtf8(raw);
    this.#onFrame({ event: this.#event, data: this.#data, raw, damaged });
  }
}

/** Where the lines of a chunk end. By the native search, many times as fast as a walk over the bytes between. */
class LineEnds {
  readonly #chunk: Uint8Array;
  #lineFeed = -1;
  #carriageReturn = -1;

  constructor(chunk: Uint8Array) {
    this.#chunk = chunk;
  }

  /** Offset of the first LF or CR from `start` on, the chunk's length for none. Starts never go back. */
  from(start: number): number {
    if (this.#lineFeed < start) this.#lineFeed = this.#next(LF, start);
    if (this.#carriageReturn < start) this.#carriageReturn = this.#next(CR, start);
    return Math.min(this.#lineFeed, this.#carriageReturn);
  }

  #next(byte: number, start: number): number {
    const found = this.#chunk.indexOf(byte, start);
    return found === -1 ? this.#chunk.length : found;
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

function decode(bytes: Uint8Array): string {
  return utf8.decode(bytes);
}
