import type { OutgoingHttpHeader } from 'node:http';
import type { HttpResponse } from './http-types.ts';
import type { ResponseWriter } from './write-reply.ts';

/** Hears what a handler that is not ours writes into a response. */
export interface CaptureListener {
  /**
   * Whether the bytes are kept from the wire. If so, the headers the handler set are taken off the response again; if
   * not, everything flows on as it is, and `write` returns what the inner one returns, so that `drain` still comes.
   */
  readonly withhold: boolean;
  /** The handler is about to send its head. */
  beforeHead?(): void;
  onHead(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void;
  /** With `withhold`, false makes the handler wait for `drain`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
  /** The handler destroyed the response before it had ended it. Only with `withhold`. */
  onBroken?(): void;
}

export interface Capture {
  /** The response's own methods, for writing past the capture. */
  readonly writer: ResponseWriter;
  /** Gives the response its own methods back. */
  release(): void;
}

type WriteArguments = readonly unknown[];

const captureKey = Symbol('ai-gateway-middleware.capture');

interface Captured {
  [captureKey]?: ResponseCapture;
}

/** Listens to a response by standing in front of the methods that write to it. */
export function captureResponse(response: HttpResponse & Captured, listener: CaptureListener): Capture {
  const capture = new ResponseCapture(response, listener);
  response[captureKey] = capture;
  // The same few functions for every response: a set of closures for each would cost more than all they do.
  Object.assign(response, stand);
  return capture;
}

const stand = {
  writeHead(this: Captured, ...head: WriteArguments): unknown {
    return this[captureKey]?.writeHead(head);
  },
  flushHeaders(this: Captured): void {
    this[captureKey]?.flushHeaders();
  },
  write(this: Captured, ...write: WriteArguments): unknown {
    return this[captureKey]?.write(write);
  },
  end(this: Captured, ...write: WriteArguments): unknown {
    return this[captureKey]?.end(write);
  },
  destroy(this: Captured, ...reason: WriteArguments): unknown {
    return this[captureKey]?.destroy(reason);
  },
};

class ResponseCapture implements Capture {
  readonly #response: HttpResponse;
  readonly #listener: CaptureListener;
  readonly #own: Pick<HttpResponse, 'writeHead' | 'flushHeaders' | 'write' | 'end' | 'destroy'>;
  /** Headers that were there before the handler; only they stay when the handler's own are withheld. */
  readonly #namesBefore: readonly string[];
  #headSeen = false;
  #ended = false;

  constructor(response: HttpResponse, listener: CaptureListener) {
    this.#response = response;
    this.#listener = listener;
    const { writeHead, flushHeaders, write, end, destroy } = response;
    this.#own = { writeHead, flushHeaders, write, end, destroy };
    this.#namesBefore = listener.withhold ? response.getHeaderNames() : [];
  }

  get writer(): ResponseWriter {
    const { writeHead, write, end } = this.#own;
    return {
      writeHead: (status, headers) => Reflect.apply(writeHead, this.#response, [status, headers]),
      write: (chunk, encoding) => Reflect.apply(write, this.#response, [chunk, encoding]),
      end: (chunk, encoding) => Reflect.apply(end, this.#response, chunk === undefined ? [] : [chunk, encoding]),
    };
  }

  release(): void {
    Object.assign(this.#response, this.#own);
  }

  writeHead(head: WriteArguments): unknown {
    if (!this.#listener.withhold) {
      this.#beforeHead();
      const result: unknown = Reflect.apply(this.#own.writeHead, this.#response, head);
      this.#sawHead();
      return result;
    }
    if (typeof head[0] === 'number') this.#response.statusCode = head[0];
    setHeaders(this.#response, head.at(-1));
    this.#sawHead();
    return this.#response;
  }

  flushHeaders(): void {
    this.#beforeHead();
    if (!this.#listener.withhold) Reflect.apply(this.#own.flushHeaders, this.#response, []);
    this.#sawHead();
  }

  write(write: WriteArguments): unknown {
    this.#beforeHead();
    this.#sawHead();
    const goOn = this.#sawData(write);
    if (!this.#listener.withhold) return Reflect.apply(this.#own.write, this.#response, write);
    callBack(write);
    return goOn;
  }

  end(write: WriteArguments): unknown {
    this.#beforeHead();
    this.#sawHead();
    this.#sawData(write);
    const first = !this.#ended;
    this.#ended = true;
    if (!this.#listener.withhold) Reflect.apply(this.#own.end, this.#response, write);
    else callBack(write);
    if (first) this.#listener.onEnd();
    return this.#response;
  }

  /** A handler whose own source broke destroys the response; what the caller then gets is ours to say. */
  destroy(reason: WriteArguments): unknown {
    if (!this.#listener.withhold || this.#ended) return Reflect.apply(this.#own.destroy, this.#response, reason);
    this.#ended = true;
    this.#listener.onBroken?.();
    return this.#response;
  }

  #beforeHead(): void {
    if (!this.#headSeen) this.#listener.beforeHead?.();
  }

  #sawHead(): void {
    if (this.#headSeen) return;
    this.#headSeen = true;
    const response = this.#response;
    const headers = plainHeaders(response);
    const status = response.statusCode;
    if (this.#listener.withhold) {
      for (const name of response.getHeaderNames()) {
        if (!this.#namesBefore.includes(name)) response.removeHeader(name);
      }
      response.statusCode = 200;
    }
    this.#listener.onHead(status, headers);
  }

  #sawData([chunk, encoding]: WriteArguments): boolean {
    const bytes = toBuffer(chunk, encoding);
    return bytes === undefined || bytes.length === 0 || this.#ended ? true : this.#listener.onData(bytes);
  }
}

function toBuffer(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8');
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return undefined;
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}

function callBack(write: WriteArguments): void {
  const callback = write.findLast((argument) => typeof argument === 'function');
  if (typeof callback === 'function') process.nextTick(() => Reflect.apply(callback, undefined, []));
}

/** `writeHead` takes an object or a flat list; either way the values belong on the response. */
function setHeaders(response: HttpResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    for (let index = 0; index + 1 < headers.length; index += 2) {
      response.setHeader(String(headers[index]), String(headers[index + 1]));
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) {
      if (isHeaderValue(value)) response.setHeader(name, value);
    }
  }
}

function isHeaderValue(value: unknown): value is OutgoingHttpHeader {
  return typeof value === 'string' || typeof value === 'number' || Array.isArray(value);
}

function plainHeaders(response: HttpResponse): Readonly<Record<string, string | readonly string[]>> {
  const plain: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value : String(value);
  }
  return plain;
}
