import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ProviderOptions } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { drain } from '../../verify/checks/drain.ts';
import { modelAt, playedDialects, providersByDialect } from '../../verify/harness/providers.ts';
import { expectAll } from '../resilience/support.ts';
import { ample } from '../support/ample.ts';
import { chat, until } from '../support/test-app.ts';
import { type GatewayServer, get, question, startGateway, wallConfig } from './support/gateway-app.ts';

let wall: FakeProvider;
let server: GatewayServer | undefined;

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  await server?.close();
  server = undefined;
  await wall.whenIdle();
  wall.reset();
});

async function start(options: Partial<ProviderOptions> = {}): Promise<GatewayServer> {
  const { providers, ...config } = wallConfig(wall, options);
  server = await startGateway({
    config: { ...config, providers: { ...providers, ...providersByDialect(wall, options) } },
  });
  return server;
}

const words = (count: number) => ({ messages: [{ role: 'user', content: `write ${count} words` }] });
const codeOf = (text: string): string => JSON.parse(text).error.code;
const lastFrame = (text: string): string => (text.trimEnd().split('\n\n').at(-1) ?? '').slice('data: '.length);

/** How long the work took, in milliseconds. */
async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

describe('a gateway that shuts down', () => {
  it('LC-01: is not ready at once, refuses new calls, and lets running streams and answers finish', async () => {
    const { url, gateway, lines } = await start();
    const streams = Array.from({ length: 12 }, (_, index) =>
      chat(url, {
        model: modelAt(playedDialects[index % playedDialects.length] ?? 'openai-chat', 'pace(20)'),
        stream: true,
        ...words(40),
      }),
    );
    const whole = chat(url, { model: 'openai/demo-small+slow(500)', ...question });
    await until(() => wall.stats().open === 13);
    const closing = timed(gateway.close());

    const refused = await chat(url, { model: 'openai/demo-small', ...question });
    expect([refused.status, codeOf(refused.text)]).toEqual([503, 'shutting_down']);
    expect(refused.headers.get('connection')).toBe('close');
    expect((await get(`${url}/v1/models`)).status).toBe(503);
    const health = await get(`${url}/health`);
    expect([health.status, health.text]).toEqual([503, '{"status":"shutting_down"}']);

    for (const stream of await Promise.all(streams)) {
      expect([stream.status, stream.broken, stream.text.trimEnd().endsWith('data: [DONE]')]).toEqual([
        200,
        false,
        true,
      ]);
      expect(stream.text).toContain('word40');
    }
    expect((await whole).status).toBe(200);
    expect(await closing).toBeLessThan(ample);
    const statuses = lines.filter(({ message }) => message === 'call').map(({ status }) => status);
    expect(statuses.filter((status) => status === 'ok')).toHaveLength(13);
    expect(statuses).toHaveLength(15);
    await until(() => wall.stats().openSockets === 0);
  });

  it('LC-01 and LC-02: as a process of its own, loses no stream that ends in time and no row of the ledger', async () => {
    expectAll(await drain({ streams: 7, streamMs: 300, endless: 7, graceMs: 5_000 }));
  }, 180_000);

  it.each(playedDialects)(
    'LC-02: ends an endless stream of %s with its error frame at the deadline',
    async (dialect) => {
      const { url, gateway, lines } = await start();
      const stream = chat(url, { model: modelAt(dialect, 'pace(5)'), stream: true, ...words(20_000) });
      await until(() => (wall.calls[0]?.contentChunks ?? 0) > 3);
      const took = await timed(gateway.close(200));
      expect(took).toBeGreaterThan(190);
      expect(took).toBeLessThan(ample);
      const { broken, text } = await stream;
      expect(broken).toBe(true);
      expect(codeOf(lastFrame(text))).toBe('shutting_down');
      expect(text).not.toContain('[DONE]');
      expect(text).not.toContain('"finish_reason":"stop"');
      expect(lines.at(-1)).toMatchObject({ message: 'call', error_code: 'shutting_down', http_status: 200 });
      await until(() => wall.calls[0]?.outcome === 'aborted');
    },
  );

  it.each([false, true])('answers what still waits for a provider with 503 (stream: %s)', async (stream) => {
    const { url, gateway } = await start();
    const waiting = chat(url, { model: 'anthropic/nohdr', stream, ...question });
    await until(() => wall.stats().open === 1);
    expect(await timed(gateway.close(100))).toBeLessThan(ample);
    const { status, text } = await waiting;
    expect([status, codeOf(text)]).toEqual([503, 'shutting_down']);
  });

  it('answers what waits for its next try with 503', async () => {
    server = await startGateway({ config: { ...wallConfig(wall), failover: { retries: 1 } } });
    const { url, gateway } = server;
    const waiting = chat(url, { model: 'openai/retryafter(5)', ...question });
    await until(() => wall.calls[0]?.outcome === 'answered');
    expect(await timed(gateway.close(100))).toBeLessThan(ample);
    const { status, text } = await waiting;
    expect([status, codeOf(text)]).toEqual([503, 'shutting_down']);
    expect(wall.calls).toHaveLength(1);
  });

  it('answers a caller that is still sending its request with 503', async () => {
    const { url, gateway } = await start();
    const upload = request(`${url}/v1/chat/completions`, { method: 'POST', headers: { 'content-length': '1000' } });
    const answer = new Promise<[number | undefined, string]>((resolve, reject) => {
      upload.once('error', reject);
      upload.once('response', (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        response.once('end', () => resolve([response.statusCode, text]));
      });
    });
    upload.write('{"model":');
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await timed(gateway.close(100))).toBeLessThan(ample);
    const [status, text] = await answer;
    expect([status, codeOf(text)]).toEqual([503, 'shutting_down']);
    upload.destroy();
  });

  it('does not wait for a caller that has stopped reading', async () => {
    const { url, gateway } = await start();
    const content = 'x'.repeat(100_000);
    const frame = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;
    wall.script({ headers: { 'content-type': 'text/event-stream' }, body: Array(400).fill(frame) });
    const body = JSON.stringify({ model: 'openai/demo-small', stream: true, ...question });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    let sent = -1;
    while (sent !== wall.stats().bytesSent) {
      sent = wall.stats().bytesSent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(wall.stats().open).toBe(1);
    expect(await timed(gateway.close(100))).toBeLessThan(ample);
    socket.destroy();
  });

  it('may be told so twice, and has nothing to wait for when nothing runs', async () => {
    const { url, gateway } = await start();
    const stream = chat(url, { model: 'openai/demo-small+pace(10)', stream: true, ...words(30) });
    await until(() => wall.stats().open === 1);
    const both = Promise.all([gateway.close(), gateway.close()]);
    expect(await timed(both)).toBeLessThan(ample);
    expect((await stream).broken).toBe(false);
    expect(await timed(gateway.close())).toBeLessThan(ample);
  });

  it('is ended sooner by a second, shorter grace', async () => {
    const { url, gateway } = await start();
    const waiting = chat(url, { model: 'anthropic/nohdr', ...question });
    await until(() => wall.stats().open === 1);
    const patient = gateway.close(60_000);
    expect(await timed(gateway.close(50))).toBeLessThan(ample);
    await patient;
    expect((await waiting).status).toBe(503);
  });
});
