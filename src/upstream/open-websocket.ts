import { type IncomingHttpHeaders, type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { Duplex } from 'node:stream';

/** A handshake with a provider. */
export interface WebSocketRequest {
  /** Scheme (`http` or `https`), host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  /** All of them, those of the handshake included. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What came of it: exactly one of these. */
export interface WebSocketListener {
  /** The connection stands; the handshake has been sent. */
  onConnected(): void;
  /** `head` are the first bytes that came along. */
  onOpen(headers: IncomingHttpHeaders, socket: Duplex, head: Buffer): void;
  /** The provider answered with something else. */
  onRefused(answer: IncomingMessage): void;
  onFault(error: Error): void;
}

/** A handshake under way. */
export interface PendingWebSocket {
  abort(): void;
}

/** Asks a provider for a WebSocket. The frames are nobody's business here: what it gives back is the bare connection. */
export function openWebSocket(
  { origin, path, headers }: WebSocketRequest,
  listener: WebSocketListener,
): PendingWebSocket {
  const secure = origin.startsWith('https:');
  const { hostname, port } = new URL(origin);
  const host = hostname.replace(/^\[|\]$/g, '');
  const request = (secure ? requestSecure : requestPlain)({
    host,
    ...(port !== '' && { port }),
    path,
    method: 'GET',
    headers: { ...headers, host: new URL(origin).host },
    agent: false,
    // The name the certificate must bear; an address is no name.
    ...(secure && !hostname.startsWith('[') && { servername: /^[\d.]+$/.test(host) ? '' : host }),
  });
  let over = false;
  const once = (act: () => void): void => {
    if (over) return;
    over = true;
    act();
  };
  request.once('socket', (socket) => socket.once(secure ? 'secureConnect' : 'connect', () => listener.onConnected()));
  request.once('upgrade', (answer, socket, head) => once(() => listener.onOpen(answer.headers, socket, head)));
  request.once('response', (answer) => once(() => listener.onRefused(answer)));
  request.on('error', (error) => once(() => listener.onFault(error)));
  request.end();
  return {
    abort() {
      over = true;
      request.destroy();
    },
  };
}
