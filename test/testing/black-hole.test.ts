import { connect, type Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startBlackHole } from '../../src/testing/index.ts';
import { until } from '../support/test-app.ts';

function settled(socket: Socket, patience: number): Promise<'connected' | 'refused' | 'waiting'> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve('waiting'), patience);
    const settle = (outcome: 'connected' | 'refused') => () => {
      clearTimeout(timer);
      resolve(outcome);
    };
    socket.once('connect', settle('connected'));
    socket.once('error', settle('refused'));
  });
}

describe('startBlackHole', () => {
  it('FO-05 accepts connections and answers nothing', async () => {
    const hole = await startBlackHole();
    const signal = AbortSignal.timeout(120);
    await expect(fetch(hole.url, { method: 'POST', body: 'hello', signal })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    expect(hole.sockets).toBe(1);
    await hole.close();
    expect(hole.openSockets).toBe(0);
  });

  it('sees that a client has gone', async () => {
    const hole = await startBlackHole();
    const socket = connect(hole.port, '127.0.0.1');
    expect(await settled(socket, 1000)).toBe('connected');
    socket.destroy();
    await until(() => hole.openSockets === 0);
    expect(hole.sockets).toBe(1);
    await hole.close();
  });

  it('FO-05 leaves connections unanswered when asked to, and refuses them after close', async () => {
    const hole = await startBlackHole({ connections: 'unanswered' });
    const waiting = connect(hole.port, '127.0.0.1');
    expect(await settled(waiting, 200)).toBe('waiting');
    waiting.destroy();
    await hole.close();
    expect(await settled(connect(hole.port, '127.0.0.1'), 1000)).toBe('refused');
  });
});
