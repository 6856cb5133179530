import type { IncomingHttpHeaders, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import type { HttpResponse } from './http-types.ts';
import type { ResponseWriter } from './write-reply.ts';

/** Hears what a handler that is not ours writes into a response. */
export interface CaptureListener {
  onHead(status: number, headers: Readonly<Record<string, string | readonly string[] | undefined>>): void;
  /** With `withhold`, false makes the handler wait for `drain`. */
  onData(chunk: Buffer): boolean;
  onEnd(): void;
}

export interface Capture {
  /** The response's own methods, for writing past the capture. */
  readonly writer: ResponseWriter;
  /** Gives the response its own methods back. */
  release(): void;
}

type WriteArguments = [chunk?: unknown, encoding?: unknown, callback?: unknown];

/**
 * Listens to a response by standing in front of `writeHead`, `write`, `end` and `flushHeaders`. With `observe` the bytes
 * flow on as they are, and `write` returns what the inner one returns, so that `drain` still comes. With `withhold`
 * nothing reaches the wire; the headers the handler set are taken off the response again.
 */
export function captureResponse(
  response: HttpResponse,
  mode: 'observe' | 'withhold',
  listener: CaptureListener,
): Capture {
  const own = {
    writeHead: response.writeHead,
    write: response.write,
    end: response.end,
    flushHeaders: response.flushHeaders,
  };
  const namesBefore = new Set(response.getHeaderNames());
  let headSeen = false;
  let ended = false;

  const sawHead = (): void => {
    if (headSeen) return;
    headSeen = true;
    const headers = plainHeaders(response.getHeaders());
    const status = response.statusCode;
    if (mode === 'withhold') {
      for (const name of response.getHeaderNames()) if (!namesBefore.has(name)) response.removeHeader(name);
      response.statusCode = 200;
    }
    listener.onHead(status, headers);
  };
  const sawData = ([chunk, encoding]: WriteArguments): boolean => {
    const bytes = toBuffer(chunk, encoding);
    return bytes === undefined || bytes.length === 0 || ended ? true : listener.onData(bytes);
  };

  Object.assign(response, {
    writeHead(status: number, ...rest: readonly unknown[]) {
      if (mode === 'observe') {
        const result = Reflect.apply(own.writeHead, response, [status, ...rest]);
        sawHead();
        return result;
      }
      response.statusCode = status;
      setHeaders(response, rest.at(-1));
      sawHead();
      return response;
    },
    flushHeaders() {
      if (mode === 'observe') Reflect.apply(own.flushHeaders, response, []);
      sawHead();
    },
    write(...write: WriteArguments) {
      sawHead();
      const goOn = sawData(write);
      if (mode === 'observe') return Reflect.apply(own.write, response, write);
      callBack(write);
      return goOn;
    },
    end(...write: WriteArguments) {
      sawHead();
      sawData(write);
      const first = !ended;
      ended = true;
      if (mode === 'observe') Reflect.apply(own.end, response, write);
      else callBack(write);
      if (first) listener.onEnd();
      return response;
    },
  });

  return {
    writer: {
      writeHead: (status, headers) => Reflect.apply(own.writeHead, response, [status, headers]),
      write: (chunk) => Reflect.apply(own.write, response, [chunk]),
      end: (chunk) => Reflect.apply(own.end, response, chunk === undefined ? [] : [chunk]),
    },
    release: () => Object.assign(response, own),
  };
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

function plainHeaders(headers: OutgoingHttpHeaders): IncomingHttpHeaders {
  const plain: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value : String(value);
  }
  return plain;
}
