import { OutgoingMessage } from 'node:http';
import { callBack, plainHeaders, type SentHeaders, setHeaders, toBuffer } from './handler-output.ts';
import type { HttpResponse } from './http-types.ts';
import type { ResponseWriter } from './write-reply.ts';

/** Hears what a handler writes into a response that it does not reach. */
export interface WithheldListener {
  onHead(status: number, headers: SentHeaders): void;
  /** False makes the handler wait for `drain`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  /** The handler destroyed the response before it had ended it. */
  onBroken(): void;
}

type Arguments = readonly unknown[];

const headerMethods = [
  'setHeader',
  'setHeaders',
  'appendHeader',
  'getHeader',
  'getHeaders',
  'getHeaderNames',
  'hasHeader',
  'removeHeader',
] as const;

/**
 * Keeps everything a handler does to a response from the wire and tells the listener of it: head, bytes, end. What the
 * caller gets is written with the methods that come back.
 */
export function withholdResponse(response: HttpResponse, listener: WithheldListener): ResponseWriter {
  const withheld = new WithheldResponse(response, listener);
  Object.assign(response, withheld.methods());
  return withheld.writer;
}

class WithheldResponse {
  readonly writer: ResponseWriter;
  readonly #response: HttpResponse;
  readonly #listener: WithheldListener;
  /**
   * Holds the handler's headers. On the response itself they would leave traces even when removed: Node remembers a
   * removed `transfer-encoding` and sends a body without framing, whose break nobody could tell from its end.
   */
  readonly #shadow = new OutgoingMessage();
  #writingHead = false;
  #headSeen = false;
  /** The handler has ended the response, or broken it off. */
  #over = false;

  constructor(response: HttpResponse, listener: WithheldListener) {
    this.#response = response;
    this.#listener = listener;
    setHeaders(this.#shadow, response.getHeaders());
    const { writeHead, write, end, destroy } = response;
    this.writer = {
      writeHead: (status, headers) => {
        this.#writingHead = true;
        Reflect.apply(writeHead, response, [status, headers]);
        this.#writingHead = false;
      },
      write: (chunk, encoding) => Reflect.apply(write, response, [chunk, encoding]),
      end: (chunk, encoding) => Reflect.apply(end, response, chunk === undefined ? [] : [chunk, encoding]),
      destroy: () => Reflect.apply(destroy, response, []),
    };
  }

  /** What the handler finds in place of the response's own methods. */
  methods(): Readonly<Record<string, (...given: Arguments) => unknown>> {
    return {
      ...this.#headerMethods(),
      writeHead: (...head) => this.#writeHead(head),
      flushHeaders: () => this.#sawHead(),
      write: (...write) => this.#write(write),
      end: (...write) => this.#end(write),
      // What the caller gets when the handler's own source broke is ours to say.
      destroy: () => this.#broke(),
    };
  }

  #headerMethods(): Readonly<Record<string, (...given: Arguments) => unknown>> {
    const response = this.#response;
    const methods = headerMethods.map((name) => {
      const own = response[name];
      const shadow = this.#shadow[name];
      return [
        name,
        (...given: Arguments): unknown =>
          this.#writingHead ? Reflect.apply(own, response, given) : Reflect.apply(shadow, this.#shadow, given),
      ] as const;
    });
    return Object.fromEntries(methods);
  }

  #writeHead(head: Arguments): HttpResponse {
    if (typeof head[0] === 'number') this.#response.statusCode = head[0];
    setHeaders(this.#shadow, head.at(-1));
    this.#sawHead();
    return this.#response;
  }

  #write(write: Arguments): boolean {
    this.#sawHead();
    const goOn = this.#sawData(write);
    callBack(write);
    return goOn;
  }

  #end(write: Arguments): HttpResponse {
    this.#sawHead();
    this.#sawData(write);
    callBack(write);
    if (!this.#over) {
      this.#over = true;
      this.#listener.onEnd();
    }
    return this.#response;
  }

  #broke(): HttpResponse {
    if (!this.#over && !this.#response.destroyed) {
      this.#over = true;
      this.#listener.onBroken();
    }
    return this.#response;
  }

  #sawHead(): void {
    if (this.#headSeen) return;
    this.#headSeen = true;
    const response = this.#response;
    const { statusCode } = response;
    response.statusCode = 200;
    response.statusMessage = '';
    this.#listener.onHead(statusCode, plainHeaders(this.#shadow));
  }

  #sawData([chunk, encoding]: Arguments): boolean {
    if (this.#over) return true;
    const bytes = toBuffer(chunk, encoding);
    return bytes === undefined || bytes.length === 0 ? true : this.#listener.onData(bytes);
  }
}
