/**
 * Walks along the frames of one direction of a WebSocket without looking inside: enough to know whether it was closed
 * in an orderly way, and whether a frame could be put in between.
 *
 * https://www.rfc-editor.org/rfc/rfc6455#section-5.2
 */
export class FrameWalker {
  readonly #header = Buffer.alloc(14);
  #headerBytes = 0;
  #payloadLeft = 0;
  #closeSeen = false;

  /** Whether a close frame has passed. */
  get closeSeen(): boolean {
    return this.#closeSeen;
  }

  /** Whether the last frame is complete. */
  get atBoundary(): boolean {
    return this.#headerBytes === 0 && this.#payloadLeft === 0;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const skipped = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= skipped;
        at += skipped;
      } else {
        this.#header[this.#headerBytes] = chunk[at] ?? 0;
        this.#headerBytes += 1;
        at += 1;
        if (this.#headerBytes === headerLength(this.#header, this.#headerBytes)) this.#startFrame();
      }
    }
  }

  #startFrame(): void {
    const opcode = (this.#header[0] ?? 0) & 0x0f;
    if (opcode === closeOpcode) this.#closeSeen = true;
    this.#payloadLeft = payloadLength(this.#header);
    this.#headerBytes = 0;
  }
}

const closeOpcode = 0x8;

/** Length of the header, as far as its first bytes tell; more than there is as long as they do not. */
function headerLength(header: Buffer, bytes: number): number {
  if (bytes < 2) return 2;
  const second = header[1] ?? 0;
  const length = second & 0x7f;
  const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
  return 2 + extended + ((second & 0x80) === 0 ? 0 : 4);
}

function payloadLength(header: Buffer): number {
  const length = (header[1] ?? 0) & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
}

/** A server's close frame. https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1 (codes) */
export function closeFrame(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, 'utf8').subarray(0, 123);
  const frame = Buffer.alloc(4 + text.length);
  frame[0] = 0x80 | closeOpcode;
  frame[1] = 2 + text.length;
  frame.writeUInt16BE(code, 2);
  text.copy(frame, 4);
  return frame;
}
