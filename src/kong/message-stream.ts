import { decodeMessagePack, MalformedMessageError } from './message-pack-decoder.ts';

/** A request body of this size is far above every limit a gateway sets. */
const maxMessageBytes = 128 * 1024 * 1024;

/** Cuts what a socket delivers into messages, however it is split or joined. */
export class MessageStream {
  #chunks: Buffer[] = [];
  #length = 0;
  /** How many bytes the message under way has at least. */
  #needed = 1;

  /**
   * The messages that are complete now.
   *
   * @throws MalformedMessageError
   */
  push(chunk: Buffer): readonly unknown[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length < this.#needed) return [];
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    const messages: unknown[] = [];
    let start = 0;
    while (start < bytes.length) {
      const decoded = decodeMessagePack(bytes, start);
      if (typeof decoded === 'number') return this.#hold(bytes.subarray(start), decoded - start, messages);
      messages.push(decoded.value);
      start = decoded.end;
    }
    return this.#hold(Buffer.alloc(0), 1, messages);
  }

  #hold(rest: Buffer, needed: number, messages: readonly unknown[]): readonly unknown[] {
    if (needed > maxMessageBytes) throw new MalformedMessageError(`A message is larger than ${maxMessageBytes} bytes.`);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = needed;
    return messages;
  }
}
