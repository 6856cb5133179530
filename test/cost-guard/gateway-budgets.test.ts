import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { auth, costGuard, failover, type GatewayConfig } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayServer, get, startGateway, teamKey, wallConfig } from '../gateway/support/gateway-app.ts';
import { checkLedgerFile } from '../support/ledger-invariants.ts';
import { chat, type ListeningServer, listen, until, wallProviders } from '../support/test-app.ts';

/** A cent for each generated token. */
const prices = { '*': { input: 0, output: 10_000 }, free: { input: 0, output: 0 } };
const model = 'openai/demo-small';
const ask = { model, max_tokens: 10, messages: [{ role: 'user', content: 'write 100 words' }] };

let wall: FakeProvider;
let folder: string;
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
  folder = mkdtempSync(join(tmpdir(), 'budgets-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await wall.close();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  await checkLedgerFile(join(folder, 'gateway.db'));
  await wall.whenIdle();
  wall.reset();
});

async function start(config: Partial<GatewayConfig>): Promise<GatewayServer> {
  const server = await startGateway({ config: { ...wallConfig(wall, { prices }), ...config } });
  running.push(server);
  return server;
}

describe('the budgets of a gateway', () => {
  it('CG-38: leave models, health and usage open, and what costs nothing, when they are spent', async () => {
    const { url, lines } = await start({ budgets: { list: [{ per: 'global', limit: 0.1, period: 'day' }] } });
    expect((await chat(url, ask)).status).toBe(200);
    const refused = await chat(url, ask);
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([402, 'budget_exceeded']);
    for (const path of ['/v1/models', '/health', '/v1/usage']) expect((await get(url + path)).status).toBe(200);
    expect((await chat(url, { ...ask, model: 'openai/free' })).status).toBe(200);
    expect(wall.calls.filter((call) => call.model === 'demo-small')).toHaveLength(1);
    expect(lines.filter(({ message }) => message === 'budget-threshold').map(({ threshold }) => threshold)).toEqual([
      80, 90, 100,
    ]);
    expect(lines.find(({ error_code }) => error_code === 'budget_exceeded')).toMatchObject({ requested_model: model });
  });

  it('answer in the dialect of the caller', async () => {
    const { url } = await start({ budgets: { list: [{ per: 'global', limit: 0.01, period: 'day' }] } });
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify({ ...ask, model: 'anthropic/demo-small' }),
    });
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({
      type: 'error',
      error: { type: 'billing_error', code: 'budget_exceeded' },
    });
  });

  /** Until its database is open, nothing is let in. */
  async function statusWhenOpen(url: string): Promise<number> {
    let status = 503;
    await until(async () => {
      ({ status } = await chat(url, ask));
      return status !== 503;
    });
    return status;
  }

  it('are remembered over a restart where there is a database', async () => {
    const config: Partial<GatewayConfig> = {
      storage: { url: `sqlite:${join(folder, 'gateway.db')}` },
      budgets: { list: [{ per: 'global', limit: 0.15, period: 'month' }], leastOutputTokens: 10 },
    };
    const first = await start(config);
    expect(await statusWhenOpen(first.url)).toBe(200);
    await running.splice(0)[0]?.close();
    const second = await start(config);
    expect(await statusWhenOpen(second.url)).toBe(402);
  });

  it('take the most one request may cost from the request alone', async () => {
    const { url } = await start({});
    expect((await chat(url, { ...ask, options: { max_cost_per_request: 0.05 } })).status).toBe(402);
    expect((await chat(url, { ...ask, options: { max_cost_per_request: 0.15 } })).status).toBe(200);
  });

  it('are refused with the fix when they cannot work', async () => {
    await expect(startGateway({ config: { ...wallConfig(wall), budgets: { store: 'redis' } } })).rejects.toThrow(
      'budgets: "store" is "redis", but there is none; add a section "redis", or leave "store" out',
    );
  });
});

describe('costGuard on an app', () => {
  it('guards what stands behind it, and leaves paths without a body as they are', async () => {
    const providers = wallProviders(wall, { prices });
    const app = express();
    const guard = costGuard({ list: [{ per: 'user', limit: 0.1, period: 'day' }], providers }, { environment: {} });
    app.use(auth({ keys: [{ key: teamKey, user: 'ana' }] }));
    app.use(guard);
    app.get('/v1/models', (_request, response) => void response.json({ data: [] }));
    app.post('/v1/chat/completions', failover({ providers, retries: 0 }));
    const server: ListeningServer = await listen(app);
    running.push(server, guard);
    const init = { headers: { authorization: `Bearer ${teamKey}` } };
    expect((await chat(server.url, ask, init)).status).toBe(200);
    expect((await chat(server.url, ask, init)).status).toBe(402);
    expect((await get(`${server.url}/v1/models`, init.headers)).status).toBe(200);
  });

  it("counts what the app's own handler says it used", async () => {
    const providers = wallProviders(wall, { prices });
    const app = express();
    const guard = costGuard(
      { list: [{ per: 'global', limit: 0.15, period: 'day' }], providers, leastOutputTokens: 10 },
      { environment: {} },
    );
    app.use(guard);
    app.post('/v1/chat/completions', (_request, response) => {
      response.json({
        id: 'chatcmpl-1',
        object: 'chat.completion',
        created: 1,
        model: 'demo-small',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
        usage: { prompt_tokens: 5, completion_tokens: 8, total_tokens: 13 },
      });
    });
    const server = await listen(app);
    running.push(server, guard);
    expect((await chat(server.url, ask)).status).toBe(200);
    expect((await chat(server.url, ask)).status).toBe(402);
    expect((await chat(server.url, { ...ask, max_tokens: 7 })).status).toBe(200);
  });
});
