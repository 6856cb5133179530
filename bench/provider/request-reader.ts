/** A request as far as the fake provider cares. */
export interface ReceivedRequest {
  readonly path: string;
  readonly body: Buffer;
  /** The caller will not use the connection again. */
  readonly closes: boolean;
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');
const empty = Buffer.alloc(0);

/**
 * Cuts the bytes of one connection into requests. Much less than HTTP, because the provider must cost far less than what
 * is measured: a whole request usually arrives in one piece, is looked at once and never copied.
 */
export class RequestReader {
  readonly #onRequest: (request: ReceivedRequest) => void;
  #held: Buffer = empty;

  constructor(onRequest: (request: ReceivedRequest) => void) {
    this.#onRequest = onRequest;
  }

  push(bytes: Buffer): void {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    while (this.#takeOne());
  }

  /** Whether a complete request was found and handed over. */
  #takeOne(): boolean {
    const headLength = this.#held.indexOf(headEnd);
    if (headLength < 0) return false;
    const head = this.#held.toString('latin1', 0, headLength);
    const bodyStart = headLength + headEnd.length;
    const bodyEnd = this.#bodyEnd(head, bodyStart);
    if (bodyEnd === undefined || bodyEnd > this.#held.length) return false;
    const body = this.#held.subarray(bodyStart, bodyEnd);
    this.#held = bodyEnd === this.#held.length ? empty : this.#held.subarray(bodyEnd);
    const pathStart = head.indexOf(' ') + 1;
    this.#onRequest({
      path: head.slice(pathStart, head.indexOf(' ', pathStart)),
      body,
      closes: /\r\nconnection: *close/i.test(head),
    });
    return true;
  }

  #bodyEnd(head: string, bodyStart: number): number | undefined {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length !== undefined) return bodyStart + Number(length);
    if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return bodyStart;
    const end = this.#held.indexOf(lastChunk, bodyStart);
    return end < 0 ? undefined : end + lastChunk.length;
  }
}
