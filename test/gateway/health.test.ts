import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat } from '../support/test-app.ts';
import { type GatewayServer, get, question, startGateway, teamKey, wallConfig } from './support/gateway-app.ts';

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

const headers = { authorization: `Bearer ${teamKey}` };

async function start(): Promise<GatewayServer> {
  server = await startGateway({ config: { ...wallConfig(wall), keys: [{ key: teamKey, id: 'team' }] } });
  return server;
}

/** Five failures in a row take a target out of rotation. */
async function eject(url: string, model: string): Promise<void> {
  for (let count = 0; count < 5; count += 1) await chat(url, { model, ...question }, { headers });
}

describe('GET /health', () => {
  it('AD-11: says words alone to strangers, whatever they send', async () => {
    const { url } = await start();
    await eject(url, 'openai/e500');
    await chat(url, { model: 'openai/demo-small', ...question }, { headers });
    const strangers: Record<string, string>[] = [
      {},
      { authorization: 'Bearer wrong-key-0123456789' },
      { 'x-api-key': 'wrong' },
      { authorization: 'Basic dXNlcjpwYXNz' },
      { authorization: `Bearer ${teamKey}`, 'x-api-key': 'another-key-0123456789' },
    ];
    for (const sent of strangers) {
      const answer = await get(`${url}/health`, sent);
      expect([answer.status, answer.text]).toEqual([200, '{"status":"degraded"}']);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('x-powered-by')).toBeNull();
      expect(JSON.stringify([...answer.headers])).not.toMatch(/127\.0\.0\.1:|version|openai/);
    }
  });

  it('says details to callers with a key, and never an address, a key or an error text', async () => {
    const { url } = await start();
    await eject(url, 'anthropic/e500');
    await chat(url, { model: 'openai/demo-small', ...question }, { headers });
    const { status, text } = await get(`${url}/v1/health`, headers);
    expect([status, JSON.parse(text)]).toEqual([
      200,
      {
        status: 'degraded',
        targets: expect.arrayContaining([
          {
            target: 'anthropic/e500',
            status: 'ejected',
            error_rate: 1,
            consecutive_failures: 5,
            ejected_until: expect.stringMatching(/^20\d\d-/),
          },
          {
            target: 'openai/demo-small',
            status: 'healthy',
            error_rate: 0,
            consecutive_failures: 0,
            latency_ms: expect.any(Number),
          },
        ]),
      },
    ]);
    const until = Date.parse(
      JSON.parse(text).targets.find((target: object) => 'ejected_until' in target).ejected_until,
    );
    expect(until - Date.now()).toBeGreaterThan(10_000);
    expect(until - Date.now()).toBeLessThan(120_000);
    expect(text).not.toMatch(/http|127\.0\.0\.1|canary|sk-/);
  });

  it('is ok before the first call, and 503 once every target in use is out', async () => {
    const { url } = await start();
    expect(await get(`${url}/health`)).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    await eject(url, 'openai/e500');
    expect(await get(`${url}/health`)).toMatchObject({ status: 503, text: '{"status":"down"}' });
  });

  it('leaves no line in the log, and takes HEAD', async () => {
    const { url, lines } = await start();
    await get(`${url}/health`, headers);
    expect((await fetch(`${url}/health`, { method: 'HEAD' })).status).toBe(200);
    expect(lines).toEqual([]);
  });

  it('is 503 while the gateway shuts down, though all targets are well', async () => {
    const { url, gateway } = await start();
    await gateway.close(0);
    const { status, text } = await get(`${url}/health`);
    expect([status, text]).toEqual([503, '{"status":"shutting_down"}']);
  });
});
