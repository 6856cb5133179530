import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, type GatewayApp, startGatewayApp, wallProviders } from '../support/test-app.ts';

let wall: FakeProvider;
let app: GatewayApp;

beforeAll(async () => {
  wall = await startFakeProvider();
  const prices = { '*': { input: 1_000, output: 2_000 } };
  app = await startGatewayApp({
    providers: wallProviders(wall, { prices }),
    models: { chain: { targets: ['openai/clean_eof(3)', 'anthropic/demo-small'] } },
    walls: [wall],
    retries: 0,
  });
});
afterAll(async () => {
  await app.checkInvariants();
  await app.close();
  await wall.close();
});

const messages = [{ role: 'user', content: 'say: one two three' }];
const ask = (body: object, extend?: string) =>
  chat(app.url, body, { headers: extend === undefined ? {} : { 'x-gateway-extend-body': extend } });

describe('E7: an answer that says more', () => {
  it.each(['openai', 'anthropic', 'gemini'])(
    'tells provider, latency and cost where the caller asks (%s)',
    async (name) => {
      const { text, headers } = await ask({ model: `${name}/demo-small`, messages }, 'true');
      const { provider, latency_ms: latency, usage } = JSON.parse(text);
      const cost = (usage.prompt_tokens * 1_000 + usage.completion_tokens * 2_000) / 1_000_000;
      expect({ provider, cost: usage.cost_usd }).toEqual({ provider: name, cost });
      expect(Number(headers.get('x-gateway-cost-usd'))).toBe(cost);
      expect(latency).toBeGreaterThanOrEqual(0);
    },
  );

  it('says no more than the dialect does where nobody asks', async () => {
    const { text } = await ask({ model: 'openai/demo-small', messages });
    expect(JSON.parse(text)).not.toHaveProperty('provider');
    expect(JSON.parse(text).usage).not.toHaveProperty('cost_usd');
  });

  it('refuses what cannot be meant before anything is tried', async () => {
    const { status, text } = await ask({ model: 'openai/demo-small', messages }, 'yes');
    expect([status, JSON.parse(text).error.param]).toEqual([400, 'x-gateway-extend-body']);
  });
});
