import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Duration } from '../../src/core/units.ts';
import { createRateLimit, type LimitOptions, type LimitStore } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { slotsReturn } from '../../verify/checks/slots.ts';
import { breaks, type CallExit, callExits, exitProviders } from '../../verify/harness/call-exits.ts';
import { expectAll } from '../resilience/support.ts';
import { describeWith } from '../support/servers.ts';
import { chat, type GatewayApp, startGatewayApp, until } from '../support/test-app.ts';

let wall: FakeProvider;
const open: GatewayApp[] = [];
beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  for (const app of open.splice(0)) await app.close();
});

const messages = [{ role: 'user', content: 'write 8 words' }];

async function start(
  limits: readonly LimitOptions[],
  { store, patience }: { readonly store?: LimitStore; readonly patience?: Duration } = {},
): Promise<GatewayApp> {
  const app = await startGatewayApp({
    providers: exitProviders(wall, patience),
    retries: 0,
    walls: [wall],
    inFront: [
      createRateLimit({ limits, ...(store !== undefined && { store }) }, { local: memoryLimitStore() }),
      breaks,
    ],
  });
  open.push(app);
  return app;
}

async function take(url: string, { body, headers = {}, leaves }: CallExit): Promise<number> {
  const signal = leaves === undefined ? undefined : AbortSignal.timeout(leaves);
  try {
    const { status } = await chat(url, body, {
      headers: { 'content-type': 'application/json', ...headers },
      ...(signal !== undefined && { signal }),
    });
    return status;
  } catch {
    return 499;
  }
}

/** A caller that has gone may not have been noticed yet: its slot is free soon. */
async function takeSoon(url: string, exit: CallExit): Promise<number> {
  const end = performance.now() + 60_000;
  for (;;) {
    const status = await take(url, exit);
    if (status !== 429 || performance.now() > end) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('RL-06 every way a call can end', () => {
  it.each(callExits(0).map(({ name }, index) => [name, index] as const))('frees its slot: %s', async (_, index) => {
    const app = await start([{ concurrent: 1 }, { tokens: 2_000, window: '366d' }]);
    // More calls than there are slots, and more tokens set aside than there are.
    for (let round = 1; round <= 5; round += 1) {
      const exit = callExits(round)[index];
      if (exit === undefined) throw new Error('There is no such exit.');
      expect(await takeSoon(app.url, exit)).not.toBe(429);
      await until(() => app.witness.settlements.length === app.witness.calls.length);
      await until(() => app.runtime.pendingTimers() === 0);
    }
    const last = { name: 'last', body: { model: 'openai/last', messages } };
    expect(await takeSoon(app.url, last)).toBe(200);
  });

  it('frees all of them after mixed calls', async () => {
    expectAll(await slotsReturn({ calls: 1_000, store: 'memory', seed: 6 }));
  });
});

describeWith('Redis', 'RL-06 every way a call can end, counted in Redis', () => {
  it('frees all slots', async () => {
    expectAll(await slotsReturn({ calls: 300, store: 'Redis', seed: 7 }));
  });
});

/** A store that keeps an account of its own: what is set aside and used, and the most there ever was at a take. */
function accounted() {
  const store = memoryLimitStore();
  const account = { now: 0, most: 0 };
  const counted: LimitStore = {
    take(request) {
      const result = store.take(request);
      if (result.taken) account.now += request.draws.reduce((sum, { amount }) => sum + amount, 0);
      account.most = Math.max(account.most, account.now);
      return result;
    },
    settle(id, settlings) {
      store.settle(id, settlings);
      account.now -= settlings.reduce((sum, { unused }) => sum + unused, 0);
    },
    renew: () => {},
  };
  return { store: counted, account };
}

describe('RL-15 fifty parallel streams on a limit of tokens', () => {
  it('never have more set aside and used than the limit, and give back what they did not use', async () => {
    const { store, account } = accounted();
    const app = await start([{ tokens: 10_000, window: '366d' }], { store, patience: '60s' });
    const body = { messages, stream: true, max_tokens: 990 };
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => chat(app.url, { ...body, model: `openai/s${index}-pace(20)` })),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
    expect(account.most).toBeLessThanOrEqual(10_000);
    expect(account.most).toBeGreaterThan(9_000);
    await until(() => app.witness.settlements.length === app.witness.calls.length);
    const used = app.witness.settled.reduce(
      (sum, { usage }) => sum + (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0),
      0,
    );
    expect(used).toBeGreaterThan(0);
    expect(account.now).toBe(used);
  });
});
