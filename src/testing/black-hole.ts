import { createServer, type Socket } from 'node:net';
import { destroySocket } from './destroy-socket.ts';
import { startUnansweredPort, type UnansweredPort } from './unanswered-port.ts';

export interface BlackHoleOptions {
  /**
   * What becomes of a connection: `accepted`, and then nothing ever comes back; or `unanswered`, so that it never
   * stands and only a connect time-out ends the wait (needs Linux: a full backlog drops the handshake).
   *
   * @default 'accepted'
   */
  readonly connections?: 'accepted' | 'unanswered';
}

/** A port on 127.0.0.1 that swallows what it gets. */
export interface BlackHole {
  /** Scheme, host and port. */
  readonly url: string;
  readonly port: number;
  /** Connections that stand now. Always 0 when they are `unanswered`. */
  readonly openSockets: number;
  /** Connections that ever stood. */
  readonly sockets: number;
  /** Drops every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a port behind which nobody answers. */
export async function startBlackHole({ connections = 'accepted' }: BlackHoleOptions = {}): Promise<BlackHole> {
  return connections === 'accepted' ? startSilentPort() : fromUnanswered(await startUnansweredPort());
}

async function startSilentPort(): Promise<BlackHole> {
  const open = new Set<Socket>();
  let sockets = 0;
  const server = createServer((socket) => {
    sockets += 1;
    open.add(socket);
    // A client that resets has given up, which is what this port is for.
    socket.on('error', () => {});
    socket.once('close', () => open.delete(socket));
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    get openSockets() {
      return open.size;
    },
    get sockets() {
      return sockets;
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...open].map(destroySocket));
      await closed;
    },
  };
}

function fromUnanswered({ port, close }: UnansweredPort): BlackHole {
  return { url: `http://127.0.0.1:${port}`, port, openSockets: 0, sockets: 0, close };
}
