import type { OutgoingHttpHeaders } from 'node:http';
import type { Call } from '../core/call.ts';
import { header } from '../core/header-names.ts';
import type { Reply, StreamSource } from '../core/reply.ts';
import type { HttpResponse } from './http-types.ts';

/** The methods of a response that put bytes on the wire: the response's own, or those a capture has kept. */
export interface ResponseWriter {
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  write(chunk: Uint8Array | string, encoding: BufferEncoding): boolean;
  end(chunk?: Uint8Array | string, encoding?: BufferEncoding): unknown;
  destroy(): unknown;
}

/** How long a broken stream's last frame may take to reach a caller that has stopped reading. */
const flushMilliseconds = 2_000;
/** Up to here a body is joined with the head into one piece: one write to the socket in place of a gathered one. */
const smallBody = 64 * 1024;

/** Where a reply goes, and under which id. */
export interface ReplyPlace {
  readonly call: Pick<Call, 'id' | 'replyHeaders'>;
  readonly response: HttpResponse;
  /** How bytes reach the wire when the response's own methods do not lead there. */
  readonly writer?: ResponseWriter | undefined;
}

/** Writes a reply to an HTTP response, under the call's id. */
export function writeReply(reply: Reply, { call, response, writer = response }: ReplyPlace): void {
  if (response.destroyed || response.headersSent) return;
  const headers = sendable({ ...reply.headers, ...call.replyHeaders, [header.requestId]: call.id });
  if (reply.kind === 'stream') {
    response.socket?.setNoDelay(true);
    writer.writeHead(reply.status, headers);
    writeStream(reply.source, response, writer);
    return;
  }
  const { body } = reply;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  headers['content-length'] = length;
  writer.writeHead(reply.status, headers);
  if (typeof body === 'string') writer.end(body, 'utf8');
  else if (length > smallBody) writer.end(body);
  // Each byte as one character, so that Node joins it with the head, which it keeps as text.
  else writer.end(Buffer.from(body.buffer, body.byteOffset, length).toString('latin1'), 'latin1');
}

const unsendable = /[^\t\x20-\x7e\x80-\xff]/g;

/** Some values repeat what a caller or a provider wrote; Node throws at what may not stand in a header. */
function sendable(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (typeof value === 'string' && value.search(unsendable) !== -1) headers[name] = value.replace(unsendable, '?');
  }
  return headers;
}

function writeStream(source: StreamSource, response: HttpResponse, writer: ResponseWriter): void {
  response.on('drain', () => source.resume());
  source.start({
    write: (bytes) => writer.write(bytes, 'utf8'),
    end: () => {
      writer.end();
    },
    fail: (lastFrame) => {
      writer.write(lastFrame, 'utf8');
      breakOff(response, writer);
    },
  });
}

/** Flushes what was written, then closes the connection without the end of the body: every client library notices. */
function breakOff({ socket }: HttpResponse, writer: ResponseWriter): void {
  if (socket === null) {
    writer.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), flushMilliseconds);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
