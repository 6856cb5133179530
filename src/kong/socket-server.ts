import { renameSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeMessagePack } from './message-pack-encoder.ts';
import { MessageStream } from './message-stream.ts';
import type { OperatorLog } from './operator-log.ts';
import type { PluginServer } from './plugin-server.ts';

/** Message types: https://github.com/msgpack-rpc/msgpack-rpc/blob/master/spec.md */
const requestType = 0;
const responseType = 1;

export interface ListenInit {
  readonly path: string;
  readonly server: PluginServer;
  readonly log: OperatorLog;
}

/**
 * Listens on a unix socket. It is made under a name of its own and then renamed over `path`: a process that takes over
 * leaves no moment without a socket. Do not close the server while another may have taken over: closing removes nothing
 * of the other's, but the process that is leaving should only stop.
 *
 * @throws the error of `listen`, for a path that cannot be used
 */
export function listen({ path, server, log }: ListenInit): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const own = `${path}.${process.pid}`;
  const listening = createServer((socket) => serveConnection(socket, server, log));
  listening.once('error', reject);
  listening.listen(own, () => {
    try {
      renameSync(own, path);
    } catch (thrown) {
      listening.close();
      reject(thrown);
      return;
    }
    listening.off('error', reject);
    listening.on('error', (error) => log.fault('socket-failed', { path }, error));
    resolve(listening);
  });
  return promise;
}

function serveConnection(socket: Socket, server: PluginServer, log: OperatorLog): void {
  const stream = new MessageStream();
  // Kong goes away in the middle of a request when it is stopped; there is nobody to tell.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    try {
      for (const message of stream.push(chunk)) void answer(socket, server, message);
    } catch (thrown) {
      log.fault('malformed-message', {}, thrown);
      socket.destroy();
    }
  });
}

/** `[0, id, method, [argument]]` is answered with `[1, id, error, result]`. */
async function answer(socket: Socket, server: PluginServer, message: unknown): Promise<void> {
  const [type, id, method, args] = Array.isArray(message) ? message : [];
  if (type !== requestType || typeof method !== 'string' || !Array.isArray(args)) {
    socket.destroy();
    return;
  }
  let response: Buffer;
  try {
    response = encodeMessagePack([responseType, id, undefined, await server.handle(method, args[0])]);
  } catch (thrown) {
    response = encodeMessagePack([responseType, id, reasonOf(thrown), undefined]);
  }
  if (!socket.destroyed) socket.write(response);
}

/** The messages of `handle` are made for Kong. */
function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : 'the plugin server failed';
}
