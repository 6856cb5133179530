import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

export interface UnansweredPort {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * The thread listens and then sleeps, so that nobody ever takes a connection out of the kernel's queue. It is plain
 * JavaScript in a string: a worker file would have to be found again in the published package.
 */
const sleeper = `
  const { parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

/** More than any kernel queues for a backlog of 1. */
const fillers = 4;

/** A port whose handshakes are not answered any more, because its queue of connections is full. */
export async function startUnansweredPort(): Promise<UnansweredPort> {
  const worker = new Worker(sleeper, { eval: true });
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', resolve);
  });
  const sockets = Array.from({ length: fillers }, () => connect({ port, host: '127.0.0.1' }));
  await Promise.all(sockets.map(settled));
  return {
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await worker.terminate();
    },
  };
}

/** Time after which a local handshake that has not been answered is taken for one that never will be. */
const patience = 100;

async function settled(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, patience);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('error', () => resolve());
  });
}
