import { createRequire } from 'node:module';
import { createConnection, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { MessageStream } from '../../src/kong/message-stream.ts';
import { plugin, start } from './support.ts';

const codec: { encode(value: unknown): Uint8Array } = createRequire(
  createRequire(import.meta.url).resolve('kong-pdk/package.json'),
)('@msgpack/msgpack');

const passing = plugin('p', async () => {});

function connected(path: string): Promise<Socket> {
  const socket = createConnection(path);
  socket.on('error', () => {});
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)));
}

/** The next `count` answers on a connection. */
function answers(socket: Socket, count: number): Promise<readonly unknown[]> {
  const stream = new MessageStream();
  const read: unknown[] = [];
  return new Promise((resolve) => {
    socket.on('data', (chunk) => {
      read.push(...stream.push(chunk));
      if (read.length >= count) resolve(read);
    });
  });
}

const request = (id: number) => codec.encode([0, id, 'plugin.StartInstance', [{ Name: 'p', Config: '{}' }]]);

describe('the socket', () => {
  it('takes two messages in one chunk, and one message in two', async () => {
    const { path } = await start({ plugins: [passing] });
    const socket = await connected(path);
    const received = answers(socket, 3);
    const third = request(3);
    socket.write(Buffer.concat([request(1), request(2), third.subarray(0, 5)]));
    await new Promise(setImmediate);
    socket.write(third.subarray(5));
    expect(await received).toMatchObject([
      [1, 1, undefined, { Name: 'p' }],
      [1, 2, undefined, { Name: 'p' }],
      [1, 3, undefined, { Name: 'p' }],
    ]);
    socket.destroy();
  });

  it.each([
    ['bytes that are no MessagePack', Buffer.of(0xc1, 0xc1)],
    ['a message that is no request', Buffer.from(codec.encode({ hello: 'there' }))],
    ['a request without arguments', Buffer.from(codec.encode([0, 1, 'plugin.Step', 'x']))],
    ['an answer', Buffer.from(codec.encode([1, 1, null, {}]))],
  ])('closes a connection that sends %s, and serves the next one', async (_, bytes) => {
    const { path, kong } = await start({ plugins: [passing] });
    const socket = await connected(path);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.write(bytes);
    await closed;
    expect(await kong.handle({ plugin: 'p' })).toMatchObject({ kind: 'proxied', errors: [] });
  });

  it('survives a client that goes away before the answer', async () => {
    const { path, kong } = await start({ plugins: [passing] });
    for (let round = 0; round < 50; round += 1) {
      const socket = await connected(path);
      socket.write(request(round));
      socket.destroy();
    }
    expect(await kong.handle({ plugin: 'p' })).toMatchObject({ kind: 'proxied', errors: [] });
  });

  it('is taken over by the next process without a moment of nobody listening', async () => {
    const old = await start({ plugins: [passing] });
    await old.kong.handle({ plugin: 'p' });
    const renewed = await start({ plugins: [passing], path: old.path });
    // The old connection still works, new ones reach the new server.
    expect(await old.kong.handle({ plugin: 'p' })).toMatchObject({ kind: 'proxied', errors: [] });
    await renewed.kong.handle({ plugin: 'p' });
    expect(renewed.server.startedInstances).toBe(1);
    old.stop();
    const late = await connected(old.path);
    late.destroy();
  });

  it('says why it cannot listen', async () => {
    await expect(start({ plugins: [passing], path: '/nowhere/at/all/kong.sock' })).rejects.toThrow(/ENOENT|EACCES/);
  });
});
