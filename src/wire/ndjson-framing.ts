import { isUtf8 } from 'node:buffer';
import { type FrameReader, FrameTooLargeError, type StreamFrame, type StreamFraming } from './stream-framing.ts';

/** One JSON text per line: https://github.com/ndjson/ndjson-spec */
export const newlineDelimitedJson: StreamFraming = {
  mediaType: 'application/x-ndjson',
  // Ollama's cloud does; and a whole answer is a stream of one line.
  alsoSentAs: 'application/json',
  reader: (onFrame) => new LineDecoder(onFrame),
  closing: (lastFrame) => (lastFrame.at(-1) === lineFeed ? undefined : lineEnd),
};

const lineFeed = 0x0a;
const lineEnd = Buffer.from('\n');
const defaultMaxFrameBytes = 1024 * 1024;

/**
 * Cuts a byte stream into lines. A line feed is never part of a longer UTF-8 character and stands in JSON strings only
 * as an escape, so lines are found on bytes and no character is decoded in halves.
 */
export class LineDecoder implements FrameReader {
  readonly #onFrame: (frame: StreamFrame) => void;
  readonly #maxFrameBytes: number;
  /** Bytes of the line that is not complete yet. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(onFrame: (frame: StreamFrame) => void, maxFrameBytes = defaultMaxFrameBytes) {
    this.#onFrame = onFrame;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** @throws FrameTooLargeError when the line under way is larger than allowed */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#hold(chunk.subarray(start, end + 1));
      this.#deliver();
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(start === 0 ? chunk : chunk.subarray(start));
  }

  /** The stream is over: a last line without its end is still a line. */
  end(): void {
    if (this.#heldBytes > 0) this.#deliver();
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > this.#maxFrameBytes) {
      throw new FrameTooLargeError(`A line of the stream is larger than ${this.#maxFrameBytes} bytes.`);
    }
  }

  #deliver(): void {
    const [first = new Uint8Array(0)] = this.#held;
    const raw = this.#held.length === 1 ? first : Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    const { text, damaged } = decode(raw);
    // JSON allows white space around a text, so the CR of a CRLF needs no rule of its own.
    const data = text.trim();
    this.#onFrame({ event: undefined, data: data === '' ? undefined : data, raw, damaged });
  }
}

const utf8 = new TextDecoder('utf-8');

function decode(bytes: Uint8Array): { readonly text: string; readonly damaged: boolean } {
  const text = utf8.decode(bytes);
  // A U+FFFD was sent as such, or is the trace of invalid bytes.
  return { text, damaged: text.includes('\uFFFD') && !isUtf8(bytes) };
}
