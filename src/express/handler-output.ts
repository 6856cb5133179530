import type { OutgoingHttpHeader, OutgoingMessage } from 'node:http';

/** The headers of a response, in the form of received ones. */
export type SentHeaders = Readonly<Record<string, string | readonly string[]>>;

export function plainHeaders(message: OutgoingMessage): SentHeaders {
  const plain: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(message.getHeaders())) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value : String(value);
  }
  return plain;
}

/** Sets what `writeHead` takes: an object, a flat list or a list of pairs. Anything else sets nothing. */
export function setHeaders(message: OutgoingMessage, headers: unknown): void {
  if (Array.isArray(headers)) {
    const flat = headers.flat();
    for (let index = 0; index + 1 < flat.length; index += 2) {
      message.setHeader(String(flat[index]), String(flat[index + 1]));
    }
  } else if (typeof headers === 'object' && headers !== null) {
    for (const [name, value] of Object.entries(headers)) {
      if (isHeaderValue(value)) message.setHeader(name, value);
    }
  }
}

function isHeaderValue(value: unknown): value is OutgoingHttpHeader {
  return typeof value === 'string' || typeof value === 'number' || Array.isArray(value);
}

/** The bytes of a `write` or `end`; `undefined` where it brings none. */
export function toBuffer(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, isEncoding(encoding) ? encoding : 'utf8');
  if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return undefined;
}

function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string' && Buffer.isEncoding(value);
}

/** Tells a handler whose bytes were withheld that they were taken. */
export function callBack(write: readonly unknown[]): void {
  const callback = write.findLast((argument) => typeof argument === 'function');
  if (typeof callback === 'function') process.nextTick(() => Reflect.apply(callback, undefined, []));
}
