export interface ResponseEvents {
  readonly onStatus: (status: number) => void;
  readonly onBody: (bytes: Buffer) => void;
  /** `reusable` is false when the server will close the connection. */
  readonly onEnd: (reusable: boolean) => void;
}

type Framing = 'length' | 'chunked' | 'until-close';

const headEnd = Buffer.from('\r\n\r\n');
const lineEnd = Buffer.from('\r\n');

/** Reads one HTTP/1.1 response. Cheaper than a client library, so that the load never is what limits. */
export class ResponseReader {
  readonly #events: ResponseEvents;
  #held: Buffer | undefined;
  #framing: Framing | undefined;
  /** Bytes still to come of the body, or of the chunk under way (with its line end). */
  #remaining = 0;
  #lastChunkSeen = false;
  #reusable = true;
  #ended = false;

  constructor(events: ResponseEvents) {
    this.#events = events;
  }

  push(bytes: Buffer): void {
    if (this.#ended) return;
    let rest = this.#held === undefined ? bytes : Buffer.concat([this.#held, bytes]);
    this.#held = undefined;
    if (this.#framing === undefined) {
      const headLength = rest.indexOf(headEnd);
      if (headLength < 0) {
        this.#held = rest;
        return;
      }
      this.#readHead(rest.toString('latin1', 0, headLength));
      rest = rest.subarray(headLength + headEnd.length);
    }
    if (this.#framing === 'chunked') this.#readChunks(rest);
    else this.#readPlain(rest);
  }

  /** The connection is gone. True when that was the proper end of the answer. */
  closed(): boolean {
    const proper = this.#framing === 'until-close' && !this.#ended;
    this.#ended = true;
    return proper;
  }

  #readHead(head: string): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#framing = 'chunked';
    else this.#framing = length === undefined ? 'until-close' : 'length';
    this.#remaining = length === undefined ? 0 : Number(length);
    this.#reusable = !/\r\nconnection: *close/i.test(head);
    this.#events.onStatus(Number(head.slice(9, 12)));
  }

  #readPlain(bytes: Buffer): void {
    if (bytes.length > 0) this.#events.onBody(bytes);
    if (this.#framing === 'until-close') return;
    this.#remaining -= bytes.length;
    if (this.#remaining <= 0) this.#end();
  }

  #readChunks(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#ended) {
      if (this.#remaining > 0) {
        const part = rest.subarray(0, this.#remaining);
        this.#remaining -= part.length;
        rest = rest.subarray(part.length);
        this.#deliverChunkPart(part);
        if (this.#remaining === 0 && this.#lastChunkSeen) this.#end();
        continue;
      }
      const sizeLength = rest.indexOf(lineEnd);
      if (sizeLength < 0) {
        this.#held = rest;
        return;
      }
      const size = Number.parseInt(rest.toString('latin1', 0, sizeLength), 16);
      this.#lastChunkSeen = size === 0;
      this.#remaining = size + lineEnd.length;
      rest = rest.subarray(sizeLength + lineEnd.length);
    }
  }

  /** `#remaining` already is what comes after `part`; the last two bytes of a chunk are its line end. */
  #deliverChunkPart(part: Buffer): void {
    const surplus = Math.max(0, lineEnd.length - this.#remaining);
    const data = part.subarray(0, Math.max(0, part.length - surplus));
    if (data.length > 0) this.#events.onBody(data);
  }

  #end(): void {
    this.#ended = true;
    this.#events.onEnd(this.#reusable);
  }
}
