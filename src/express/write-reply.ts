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
}

/** How long a broken stream's last frame may take to reach a caller that has stopped reading. */
const flushMilliseconds = 2_000;
/** Up to here a body is joined with the head into one piece: one write to the socket in place of a gathered one. */
const smallBody = 64 * 1024;

/** Writes a reply to an HTTP response, under the call's id. */
export function writeReply(
  reply: Reply,
  { call, response }: { readonly call: Pick<Call, 'id'>; readonly response: HttpResponse },
  writer: ResponseWriter = response,
): void {
  if (response.destroyed || response.headersSent) return;
  const headers: OutgoingHttpHeaders = { ...reply.headers, [header.requestId]: call.id };
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

function writeStream(source: StreamSource, response: HttpResponse, writer: ResponseWriter): void {
  response.on('drain', () => source.resume());
  source.start({
    write: (bytes) => writer.write(bytes, 'utf8'),
    end: () => {
      writer.end();
    },
    fail: (lastFrame) => {
      writer.write(lastFrame, 'utf8');
      breakOff(response);
    },
  });
}

/** Flushes what was written, then closes the connection without the end of the body: every client library notices. */
function breakOff(response: HttpResponse): void {
  const socket = response.socket;
  if (socket === null) {
    response.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), flushMilliseconds);
  timer.unref();
  socket.once('close', () => clearTimeout(timer));
  socket.destroySoon();
}
