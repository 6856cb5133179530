import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express5 from 'express';
import { createGateway, type Gateway, type GatewayConfig } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { limitCrowd } from '../../verify/checks/limit-crowd.ts';
import { expectAll } from '../resilience/support.ts';
import { describeWith, startRedis, type TestServer } from '../support/servers.ts';
import { chat, type ListeningServer, listen, wallProviders } from '../support/test-app.ts';

const body = { model: 'openai/demo-small', messages: [{ role: 'user', content: 'Hello.' }], max_tokens: 50 };
const key = 'sk-gateway-limited-0123456789';

let wall: FakeProvider;
const open: { gateway: Gateway; server: ListeningServer }[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  for (const { gateway, server } of open.splice(0)) {
    await server.close();
    await gateway.close(100);
  }
  wall.reset();
});

async function start(config: GatewayConfig, environment: Record<string, string> = {}): Promise<string> {
  const gateway = createGateway(
    { providers: { openai: wallProviders(wall).openai }, telemetry: { logLevel: 'silent' }, ...config },
    { environment, logger: { log: () => {} } },
  );
  const app = express5().use('/v1', gateway);
  const server = await listen(app);
  open.push({ gateway, server });
  return server.url;
}

const withKey = { headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` } };

async function statuses(url: string, count: number, init: RequestInit = {}): Promise<readonly number[]> {
  const found: number[] = [];
  for (let index = 0; index < count; index += 1) found.push((await chat(url, body, init)).status);
  return found;
}

describe('the limits of a gateway', () => {
  it('RL-01 let exactly 100 of 1,000 requests reach the provider, streams and others', async () => {
    expectAll(await limitCrowd({ calls: 1_000, limit: 100, concurrency: 200 }));
  });

  it('stand on every answer: whole, stream and error', async () => {
    const url = await start({ rateLimit: { limits: ['100 requests per hour', '50000 tokens per minute'] } });
    const answers = [await chat(url, body), await chat(url, { ...body, stream: true }), await chat(url, { model: 7 })];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 400]);
    expect(answers.map(({ headers }) => headers.get('x-ratelimit-remaining-requests'))).toEqual(['99', '98', '97']);
    for (const { headers } of answers) {
      expect(headers.get('x-ratelimit-limit-tokens')).toBe('50000');
      expect(headers.get('ratelimit')).toMatch(/^"key-requests-3600s";r=\d+;t=\d+$/);
    }
  });

  it('are those a key brings along as well', async () => {
    const url = await start({ keys: [{ key, limits: ['2 requests per hour'] }] });
    expect(await statuses(url, 3, withKey)).toEqual([200, 200, 429]);
  });

  it('skip a provider that has no room left', async () => {
    const { openai, anthropic } = wallProviders(wall);
    const url = await start({
      providers: { openai, anthropic },
      models: { demo: { targets: ['openai/demo-small', 'anthropic/demo-small'] } },
      rateLimit: { limits: [{ per: 'provider', requests: 1, window: '1h' }] },
    });
    const answers = [];
    for (let index = 0; index < 3; index += 1) answers.push(await chat(url, { ...body, model: 'demo' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('x-provider'))).toEqual(['openai', 'anthropic', null]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThan(3_000);
  });

  it('are shared by nobody: two gateways in one process count apart', async () => {
    const config = { rateLimit: { limits: ['1 request per hour'] } };
    const [first, second] = [await start(config), await start(config)];
    expect(await statuses(first, 2)).toEqual([200, 429]);
    expect(await statuses(second, 2)).toEqual([200, 429]);
  });

  it.each<[GatewayConfig, string]>([
    [{ rateLimit: { limits: ['100 requests'] } }, '"limits.0" must read like'],
    [{ rateLimit: { store: 'redis' } }, 'add a section "redis", or set GATEWAY_REDIS_URL'],
    [{ rateLimit: JSON.parse('{"store":"disk"}') }, '"store" must be "memory" or "redis"'],
    [{ redis: { url: 'localhost:6379' } }, '"url" must be an address such as "redis://localhost:6379"'],
  ])('are refused when they cannot be kept: %j', (config, message) => {
    const make = () =>
      createGateway(
        { providers: { openai: wallProviders(wall).openai }, telemetry: { logLevel: 'silent' }, ...config },
        { environment: {} },
      );
    expect(make).toThrow(message);
  });
});

describeWith('Redis', 'the limits of several gateways', () => {
  let redis: TestServer;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis.stop();
  });

  it.each(['the configuration', 'the environment'])('are shared through the Redis of %s', async (place) => {
    const limits = { rateLimit: { limits: ['5 requests per hour' as const] } };
    const named = place === 'the configuration';
    const config = named ? { ...limits, redis: { url: redis.url, prefix: 'named' } } : limits;
    const environment: Record<string, string> = named ? {} : { GATEWAY_REDIS_URL: redis.url };
    const urls = [await start(config, environment), await start(config, environment)];
    const found: number[] = [];
    for (let index = 0; index < 8; index += 1) found.push(...(await statuses(urls[index % 2] ?? '', 1)));
    expect(found).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
  });
});
