import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { startGatewayApp, until } from '../support/test-app.ts';
import { connectTo, requestText } from './support/raw-client.ts';

const megabyte = 1024 * 1024;

/** Bytes in buffers that are still in use. */
function buffersInUse(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().arrayBuffers;
}

describe('HC-13: a caller that reads nothing', () => {
  it('stops the provider, costs little memory, and gets all 48 MB once it reads', async () => {
    const total = 48 * megabyte;
    const text = 'x'.repeat(32 * 1024);
    const frame = `data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":null}]}\n\n`;
    const ending =
      'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    const frames = Math.ceil(total / frame.length);
    let written = 0;
    const upstream = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const send = (): void => {
        while (written < frames) {
          written += 1;
          if (!response.write(frame)) {
            response.once('drain', send);
            return;
          }
        }
        response.end(ending);
      };
      send();
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    const bulk = { type: 'openai-compatible', baseUrl, timeouts: { idle: '1s' } } as const;
    const { url, witness, checkInvariants, close } = await startGatewayApp({ providers: { bulk } });
    const socket = connectTo(url);
    socket.pause();
    const before = buffersInUse();
    socket.write(
      requestText(
        '/v1/chat/completions',
        JSON.stringify({ model: 'bulk/m', stream: true, messages: [{ role: 'user', content: 'hi' }] }),
        {
          headers: { connection: 'close' },
        },
      ),
    );
    await until(() => written > 0);
    // Longer than the idle timeout: our own silence is not the provider's.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    const stopped = written;
    expect(stopped * frame.length).toBeLessThan(32 * megabyte);
    // What is no longer used may be given back a moment later.
    await until(() => buffersInUse() - before < 2 * megabyte);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(written).toBe(stopped);
    expect(witness.settlements).toHaveLength(0);
    let received = 0;
    let tail = Buffer.alloc(0);
    for await (const chunk of socket) {
      received += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-400);
    }
    expect(received).toBeGreaterThan(frames * frame.length);
    expect(tail.toString()).toContain('data: [DONE]\n\n\r\n0\r\n\r\n');
    await checkInvariants();
    expect(witness.settlements[0]).toMatchObject({ status: 'ok' });
    await close();
    upstream.closeAllConnections();
    await new Promise((resolve) => upstream.close(resolve));
  });
});
