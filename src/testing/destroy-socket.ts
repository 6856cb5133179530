import type { Socket } from 'node:net';

/** Ends a connection at once; resolves when its listeners have been told. */
export async function destroySocket(socket: Socket): Promise<void> {
  if (socket.closed) return;
  await new Promise<void>((resolve) => socket.once('close', () => resolve()).destroy());
}
