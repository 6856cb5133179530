import { type IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { splitProtocols } from '../../pass-through/index.ts';

/** What an HTTP server calls with a request: an Express app, a router, a function. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What a server's `upgrade` event calls. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The caller's side of a WebSocket to be. */
export interface Upgrade {
  /** Takes the connection away from HTTP: from here on nothing is written to it as a response. */
  take(): TakenConnection;
  /** Ends the response whose connection was taken: nobody can write to it any more. */
  forget(): void;
}

export interface TakenConnection {
  readonly socket: Duplex;
  /** What the caller has sent behind its handshake. */
  readonly head: Buffer;
}

/** Most bytes a caller may send before its handshake is answered; it has to wait for the answer. */
const maxEarlyBytes = 64 * 1024;

const upgradeKey = Symbol.for('ai-gateway-middleware.upgrade.v1');

interface Marked {
  [upgradeKey]?: Upgrade;
}

/** The upgrade a request asks for; `undefined` for an ordinary request. */
export function upgradeOf(request: IncomingMessage & Marked): Upgrade | undefined {
  return request[upgradeKey];
}

/**
 * Lets WebSockets through the app's own middlewares: `server.on('upgrade', upgradeHandler(app))`. Node hands upgrades to
 * the server and not to the app; here the app sees one as the GET request it is, with everything that is mounted in
 * front (telemetry, auth, limits), and what it answers is what the caller gets. Only `passThrough` makes a WebSocket of
 * it.
 */
export function upgradeHandler(app: RequestHandler): UpgradeHandler {
  return (request, socket, head) => {
    // Nobody else listens: an error without a listener would end the process.
    socket.on('error', () => socket.destroy());
    if (!(socket instanceof Socket)) {
      socket.destroy();
      return;
    }
    readKeyFromProtocols(request);
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    response.once('finish', () => socket.destroySoon());
    const early = readEarly(socket, head);
    mark(request, {
      take() {
        response.detachSocket(socket);
        return { socket, head: early() };
      },
      forget: () => void response.destroy(),
    });
    app(request, response);
  };
}

/** Reads a connection until it is taken: one that nobody reads does not tell when its caller goes. */
function readEarly(socket: Socket, head: Buffer): () => Buffer {
  const chunks = [head];
  let size = head.length;
  const collect = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > maxEarlyBytes) socket.destroy();
    else chunks.push(chunk);
  };
  const gone = (): void => void socket.destroy();
  socket.on('data', collect).on('end', gone);
  return () => {
    socket.pause();
    socket.off('data', collect).off('end', gone);
    return Buffer.concat(chunks);
  };
}

function mark(request: IncomingMessage & Marked, upgrade: Upgrade): void {
  request[upgradeKey] = upgrade;
}

/** A key among the subprotocols becomes the header that every `auth` reads, and is nowhere else any more. */
function readKeyFromProtocols(request: IncomingMessage): void {
  const { offered, key } = splitProtocols(request.headers['sec-websocket-protocol'] ?? '');
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'sec-websocket-protocol') rawHeaders[index + 1] = offered;
  }
  if (offered === '') delete request.headers['sec-websocket-protocol'];
  else request.headers['sec-websocket-protocol'] = offered;
  if (key === undefined) return;
  // Beside a header that says something else it makes the request ambiguous, which is refused.
  rawHeaders.push('authorization', `Bearer ${key}`);
  request.headers.authorization ??= `Bearer ${key}`;
}
