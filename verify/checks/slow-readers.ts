import { connect, type Socket } from 'node:net';
import { startEndlessProvider } from '../harness/endless-provider.ts';
import { eventually, pause } from '../harness/gateway.ts';
import { startGatewayChild } from '../harness/gateway-child.ts';
import { atLeast, atMost, exactly, type Measure, named } from '../harness/measure.ts';
import { question } from '../harness/providers.ts';

export interface SlowReadersPlan {
  readonly readers: number;
  readonly provider: 'openai' | 'anthropic';
  /** Megabytes that a client may cost; a few clients on a busy machine say little of it. @default 2 */
  readonly megabytes?: number;
}

const megabyte = 1024 * 1024;

/** Clients that ask for a stream without end and read nothing of it: each may cost the gateway so much and no more. */
export async function slowReaders({ readers, provider, megabytes = 2 }: SlowReadersPlan): Promise<readonly Measure[]> {
  const endless = await startEndlessProvider();
  const gateway = await startGatewayChild({
    providers: {
      openai: { apiKey: 'provider-key', baseUrl: `${endless.url}/v1` },
      anthropic: { apiKey: 'provider-key', baseUrl: endless.url },
    },
  });
  const body = JSON.stringify({ model: `${provider}/endless`, stream: true, ...question });
  const open = () => openStream(gateway.port, body);

  // Everything is loaded and compiled before the first measurement.
  const first = Array.from({ length: 5 }, open);
  await pause(300);
  for (const socket of first) socket.destroy();
  await eventually('the first streams are over', () => endless.open === 0);

  const before = await gateway.vitals();
  const sockets = Array.from({ length: readers }, open);
  await eventually('all streams have begun', () => endless.open === readers);
  const stopped = await standstill(() => endless.bytesSent);
  const during = await gateway.vitals();

  const read = await readOn(sockets[0]);
  for (const socket of sockets) socket.destroy();
  await eventually('the provider is let go', () => endless.open === 0);
  const after = await gateway.vitals();
  await gateway.stop();
  await endless.close();
  return named(`${readers} clients that read nothing, ${provider}`, [
    atMost({
      name: 'memory per client',
      value: (during.rss - before.rss) / megabyte / readers,
      bound: megabytes,
      unit: ' MB',
      detail: `${(during.rss / megabyte).toFixed(0)} MB in all, ${(endless.bytesSent / megabyte / readers).toFixed(1)} MB sent to each`,
    }),
    exactly({ name: 'bytes a second read from the provider in the end', value: stopped, bound: 0 }),
    atLeast({ name: 'bytes that come once a client reads on', value: read, bound: 4 * megabyte }),
    exactly({ name: 'streams left at the provider', value: endless.open, bound: 0 }),
    exactly({ name: 'connections left at the gateway', value: after.connections, bound: 0 }),
    exactly({ name: 'warnings and unhandled errors', value: after.troubles, bound: 0 }),
  ]);
}

/** Sends the request and reads no more than the socket does by itself. */
function openStream(port: number, body: string): Socket {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
  return socket;
}

/** Reads for a moment. Resolves to the number of bytes. */
async function readOn(socket: Socket | undefined): Promise<number> {
  let bytes = 0;
  socket?.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket?.resume();
  await eventually('a client that reads on gets on', () => bytes > 16 * megabyte);
  return bytes;
}

/** Waits until a number has stood still for half a second. Resolves to its last growth: 0, unless patience runs out. */
async function standstill(read: () => number): Promise<number> {
  let growth = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 20 && growth > 0; round += 1) {
    const before = read();
    await pause(500);
    growth = read() - before;
  }
  return growth * 2;
}
