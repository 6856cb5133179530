import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Capability, pass } from '../../src/core/capability.ts';
import type { Duration } from '../../src/core/units.ts';
import { createRateLimit, type LimitOptions, type LimitStore } from '../../src/rate-limit/index.ts';
import { memoryLimitStore } from '../../src/stores/memory/limit-store.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { seededRandom } from '../support/manual-runtime.ts';
import { chat, type GatewayApp, startGatewayApp, until, wallProviders } from '../support/test-app.ts';

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

/** Throws for who asks for it: in front of the terminal, behind the limits. */
const breaks: Capability = {
  name: 'breaks',
  onHead(call) {
    if (call.header('x-break') !== undefined) throw new Error('A hook broke.');
    return pass;
  },
};

async function start(
  limits: readonly LimitOptions[],
  { store, patience = '1s' }: { readonly store?: LimitStore; readonly patience?: Duration } = {},
): Promise<GatewayApp> {
  const app = await startGatewayApp({
    providers: {
      ...wallProviders(wall, { timeouts: { firstToken: patience, idle: patience } }),
      gone: { type: 'openai-compatible', apiKey: 'key', baseUrl: 'http://127.0.0.1:1/v1' },
    },
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

interface Exit {
  readonly name: string;
  readonly body: object | string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds after which the caller goes. */
  readonly leaves?: number;
}

/** Each model name is used once, so that no target is ejected for what it was asked to do. */
function exits(round: number): readonly Exit[] {
  const named = (provider: string, fault: string) => `${provider}/m${round}-${fault}`;
  return [
    { name: 'a whole answer', body: { model: named('openai', 'ok'), messages } },
    { name: 'a stream', body: { model: named('anthropic', 'ok'), messages, stream: true } },
    { name: 'a 4xx of the provider', body: { model: named('openai', 'e400'), messages } },
    { name: 'a 5xx of the provider', body: { model: named('gemini', 'e500'), messages } },
    { name: 'no connection', body: { model: `gone/m${round}`, messages } },
    { name: 'a timeout', body: { model: named('openai', 'nohdr'), messages } },
    { name: 'a cut in the middle of a stream', body: { model: named('openai', 'cut(2)'), messages, stream: true } },
    { name: 'a hook that throws', body: { model: named('openai', 'ok'), messages }, headers: { 'x-break': 'yes' } },
    { name: 'a request that is none', body: '{"model": ' },
    { name: 'a model nobody has', body: { model: 'nobody/has-it', messages } },
    { name: 'a caller that goes at once', body: { model: named('openai', 'nohdr'), messages }, leaves: 0 },
    { name: 'a caller that goes before the answer', body: { model: named('openai', 'nohdr'), messages }, leaves: 20 },
    {
      name: 'a caller that goes before the first output',
      body: { model: named('anthropic', 'stall(0)'), messages, stream: true },
      leaves: 20,
    },
    {
      name: 'a caller that goes in the middle of a stream',
      body: { model: named('gemini', 'pace(10)'), messages, stream: true },
      leaves: 30,
    },
  ];
}

async function take(url: string, { body, headers = {}, leaves }: Exit): Promise<number> {
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

/** A caller that has gone may not have been noticed yet: its slot is free within a second. */
async function takeWithinASecond(url: string, exit: Exit): Promise<number> {
  const end = performance.now() + 1_000;
  for (;;) {
    const status = await take(url, exit);
    if (status !== 429 || performance.now() > end) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('RL-06 every way a call can end', () => {
  it.each(exits(0).map(({ name }, index) => [name, index] as const))('frees its slot: %s', async (_, index) => {
    const app = await start([{ concurrent: 1 }, { tokens: 2_000, window: '366d' }]);
    // More calls than there are slots, and more tokens set aside than there are.
    for (let round = 1; round <= 5; round += 1) {
      const exit = exits(round)[index];
      if (exit === undefined) throw new Error('There is no such exit.');
      expect(await takeWithinASecond(app.url, exit)).not.toBe(429);
      await until(() => app.witness.settlements.length === app.witness.calls.length);
      await until(() => app.runtime.pendingTimers() === 0);
    }
    const last = { name: 'last', body: { model: 'openai/last', messages } };
    expect(await takeWithinASecond(app.url, last)).toBe(200);
  });

  it('frees all of them after 1,000 mixed calls', async () => {
    const app = await start([{ concurrent: 40, name: 'slots' }]);
    const random = seededRandom(6);
    const queue = Array.from({ length: 1_000 }, (_, round) => {
      const choices = exits(round);
      return choices[Math.floor(random() * choices.length)];
    });
    const worker = async () => {
      for (let exit = queue.pop(); exit !== undefined; exit = queue.pop()) await take(app.url, exit);
    };
    await Promise.all(Array.from({ length: 40 }, worker));
    await until(() => app.witness.settlements.length === app.witness.calls.length);
    // All forty slots at once.
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        chat(app.url, { model: `openai/after${index}-pace(5)`, messages, stream: true }),
      ),
    );
    expect(answers.filter(({ status }) => status === 429)).toEqual([]);
    await app.checkInvariants();
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
