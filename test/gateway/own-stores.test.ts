import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createGateway, type GatewayConfig, type GatewayEvent, systemRuntime } from '../../src/index.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { memoryLedgerStore } from '../../src/stores/memory/ledger-store.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat } from '../support/test-app.ts';
import { totalOf } from '../usage/support.ts';
import { get, question, refusal, startGateway, wallConfig } from './support/gateway-app.ts';

const prices = { '*': { input: 0, output: 10_000 } };
const body = { model: 'openai/demo-small', max_tokens: 10, ...question };
const running: { close(): Promise<void> }[] = [];

let wall: FakeProvider;
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  wall.reset();
});

async function start(config: GatewayConfig, environment: Readonly<Record<string, string>> = {}) {
  const server = await startGateway({ config: { ...wallConfig(wall, { prices }), ...config }, environment });
  running.push(server);
  return server;
}

describe('stores of the app', () => {
  it('count the limits of two gateways together, and stay open', async () => {
    const closed: true[] = [];
    const shared = Object.assign(memoryLimitStore(), { close: () => void closed.push(true) });
    const rateLimit = { store: shared, limits: ['1 request per hour'] };
    const [one, two] = [await start({ rateLimit }), await start({ rateLimit })];
    expect([(await chat(one.url, body)).status, (await chat(two.url, body)).status]).toEqual([200, 429]);
    await one.gateway.close(0);
    expect(closed).toEqual([]);
  });

  it('count the budgets of two gateways together, and stay open', async () => {
    const closed: true[] = [];
    const shared = Object.assign(createMemoryBudgetStore(systemRuntime), { close: () => void closed.push(true) });
    const budgets = { store: shared, list: [{ per: 'global' as const, limit: 0.1, period: '1h' as const }] };
    const [one, two] = [await start({ budgets }), await start({ budgets })];
    expect([(await chat(one.url, body)).status, (await chat(two.url, body)).status]).toEqual([200, 402]);
    await one.gateway.close(0);
    expect(closed).toEqual([]);
  });

  it('keep usage, in place of the database of the environment, and are closed with the gateway', async () => {
    const store = memoryLedgerStore();
    const closed: true[] = [];
    const close = async () => void closed.push(true);
    const environment = { GATEWAY_STORAGE_URL: 'sqlite:/does/not/exist/gateway.db' };
    const server = await start({ storage: { store: { ...store, close }, maxPending: 10 } }, environment);
    expect((await chat(server.url, body)).status).toBe(200);
    expect(JSON.parse((await get(`${server.url}/v1/usage`)).text).total).toMatchObject({ requests: 1 });
    expect(server.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('GATEWAY_STORAGE_URL is not read'),
      expect.stringContaining('No API keys'),
    ]);
    await server.gateway.close(0);
    expect(closed).toEqual([true]);
    expect((await totalOf(store)).requests).toBe(1n);
  });

  it('refuse calls by `whenFull` when no more lines can wait than `maxPending`', async () => {
    const write = () => Promise.reject(new Error('down'));
    const server = await start({
      storage: { store: { ...memoryLedgerStore(), write }, maxPending: 1, whenFull: 'refuse' },
    });
    let answer = await chat(server.url, body);
    while (answer.status === 200) answer = await chat(server.url, body);
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([503, 'ledger_unavailable']);
  });

  it.each<[object, string]>([
    [
      { rateLimit: { store: {} } },
      'rateLimit: "store" must be "memory" or "redis", or have the methods take, settle, renew',
    ],
    [
      { budgets: { store: { reserve() {} } } },
      'budgets: "store" must be one of memory, redis, storage, or have the methods reserve',
    ],
    [{ storage: { store: {} } }, 'storage: "store" must have the methods write, totals, prune, close'],
    [{ storage: {} }, 'storage: the options must hold a "url", such as "sqlite:./gateway.db", or a "store"'],
    [{ storage: { url: 'sqlite:x.db', store: memoryLedgerStore() } }, 'and not both'],
    [{ storage: { store: memoryLedgerStore(), maxPending: 0 } }, '"maxPending" must be greater than 0'],
  ])('are refused when they are none: %j', (part, message) => {
    const config = { ...wallConfig(wall), ...part } as GatewayConfig;
    expect(refusal(() => createGateway(config, { environment: {}, logger: { log: () => {} } }))).toContain(message);
  });
});

describe('the log of a gateway', () => {
  it('blacks out what the configuration says', async () => {
    const { url, lines } = await start({ telemetry: { redact: ['demo-small', /gpt-\d/] } });
    await chat(url, body);
    await chat(url, { ...body, model: 'openai/gpt-5' });
    const logged = JSON.stringify(lines.filter(({ message }) => message === 'call'));
    expect(logged).toContain('"requested_model"');
    expect(logged).not.toMatch(/demo-small|gpt-5/);
  });

  it('is not the only one that hears of events', async () => {
    const events: GatewayEvent[] = [];
    const config: GatewayConfig = { ...wallConfig(wall), telemetry: { logLevel: 'silent' } };
    const server = await startGateway({ config, environment: {}, onEvent: (event) => events.push(event) });
    running.push(server);
    await chat(server.url, { ...body, model: 'openai/e500', fallback: ['anthropic/demo-small'] });
    expect(events).toMatchObject([{ type: 'failed-over', from: 'openai/e500', to: 'anthropic/demo-small' }]);
  });
});
