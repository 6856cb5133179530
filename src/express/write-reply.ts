import type { Reply, StreamReply } from '../core/reply.ts';
import type { HttpResponse } from './http-types.ts';

/** The methods of a response that put bytes on the wire: the response's own, or those a capture has kept. */
export interface ResponseWriter {
  writeHead(status: number, headers: Readonly<Record<string, string | number>>): unknown;
  write(chunk: Uint8Array | string): boolean;
  end(chunk?: Uint8Array | string): unknown;
}

/** How long a broken stream's last frame may take to reach a caller that has stopped reading. */
const flushMilliseconds = 2_000;

/** Writes a reply to an HTTP response. */
export function writeReply(reply: Reply, response: HttpResponse, writer: ResponseWriter = response): void {
  if (response.destroyed || response.headersSent) return;
  if (reply.kind === 'stream') {
    writeStream(reply, response, writer);
    return;
  }
  const length = typeof reply.body === 'string' ? Buffer.byteLength(reply.body) : reply.body.length;
  writer.writeHead(reply.status, { ...reply.headers, 'content-length': length });
  writer.end(reply.body);
}

function writeStream({ status, headers, source }: StreamReply, response: HttpResponse, writer: ResponseWriter): void {
  response.socket?.setNoDelay(true);
  writer.writeHead(status, headers);
  response.on('drain', () => source.resume());
  source.start({
    write: (bytes) => writer.write(bytes),
    end: () => {
      writer.end();
    },
    fail: (lastFrame) => {
      writer.write(lastFrame);
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
