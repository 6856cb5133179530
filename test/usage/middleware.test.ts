import { afterEach, describe, expect, it } from '@jest/globals';
import express from 'express';
import { failover, usage } from '../../src/index.ts';
import { memoryLedgerStore } from '../../src/stores/memory/ledger-store.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type ListeningServer, listen, wallProviders } from '../support/test-app.ts';

let wall: FakeProvider;
let server: ListeningServer;
afterEach(async () => {
  await server.close();
  await wall.close();
});

describe('usage() in an app of one\u0027s own', () => {
  it('writes down what passes it and reports it', async () => {
    wall = await startFakeProvider();
    const store = memoryLedgerStore();
    const ledger = usage({ store });
    const app = express();
    app.use('/ai/chat/completions', ledger, failover({ providers: wallProviders(wall) }));
    app.get('/ai/usage', ledger.report);
    server = await listen(app);
    const body = JSON.stringify({ model: 'openai/demo-small', messages: [{ role: 'user', content: 'Hello' }] });
    await (await fetch(`${server.url}/ai/chat/completions`, { method: 'POST', body })).text();
    const report = await (await fetch(`${server.url}/ai/usage?group_by=provider`)).json();
    expect(report).toMatchObject({ data: [{ provider: 'openai', requests: 1, attempts: 1 }] });
    await ledger.close();
  });

  it('refuses calls when nothing more can wait, if it is told to', async () => {
    wall = await startFakeProvider();
    const down = { ...memoryLedgerStore(), write: () => Promise.reject(new Error('down')) };
    const ledger = usage({ store: down, whenFull: 'refuse', maxPending: 1 });
    const app = express();
    app.use('/chat/completions', ledger, failover({ providers: wallProviders(wall) }));
    server = await listen(app);
    const ask = async () => {
      const body = JSON.stringify({ model: 'openai/demo-small', messages: [{ role: 'user', content: 'Hello' }] });
      const response = await fetch(`${server.url}/chat/completions`, { method: 'POST', body });
      return [
        response.status,
        response.headers.get('retry-after'),
        (await response.text()).includes('ledger_unavailable'),
      ];
    };
    expect(await ask()).toEqual([200, null, false]);
    expect(await ask()).toEqual([503, '5', true]);
    expect(wall.stats().calls).toBe(1);
    await ledger.close();
  });
});
