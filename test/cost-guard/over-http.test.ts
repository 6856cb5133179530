import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Capability } from '../../src/core/capability.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { BudgetStore, BudgetsSettings, CostGuard } from '../../src/cost-guard/index.ts';
import { createCostGuard } from '../../src/cost-guard/index.ts';
import type { FailoverOptions } from '../../src/failover/index.ts';
import { createMemoryBudgetStore } from '../../src/stores/memory/budget-store.ts';
import { type FakeProvider, startBlackHole, startFakeProvider } from '../../src/testing/index.ts';
import { chat, type GatewayApp, startGatewayApp, until, wallProviders } from '../support/test-app.ts';
import { targetsOf } from './support.ts';

/** A thousandth of a dollar for each generated token, a millionth for each of the prompt. */
const prices = { '*': { input: 1, output: 1_000 } };
const perOutputToken = 1_000_000;
const perPromptToken = 1_000;
const limit = 100_000_000_000;
const settings: BudgetsSettings = { list: [{ per: 'global', limit: 100, period: 'day' }] };

let wall: FakeProvider;
let app: GatewayApp | undefined;
let guard: CostGuard;
let store: BudgetStore;

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  await app?.checkInvariants();
  // I4: nothing is under way, so nothing is held.
  expect((await state()).held).toBe(0);
  expect(guard.open).toBe(0);
  await guard.close();
  await app?.close();
  app = undefined;
  wall.reset();
});

interface Start extends FailoverOptions {
  readonly budgets?: BudgetsSettings;
  readonly behind?: readonly Capability[];
}

async function start({ budgets = settings, behind = [], ...options }: Start = {}): Promise<GatewayApp> {
  const providers = options.providers ?? wallProviders(wall, { prices });
  store = createMemoryBudgetStore();
  guard = createCostGuard(budgets, { store, targetsOf: targetsOf(providers, options.models ?? {}) });
  app = await startGatewayApp({
    retries: 0,
    walls: [wall],
    ...options,
    providers,
    inFront: [guard, ...behind],
  });
  return app;
}

async function state() {
  const counter = {
    scope: 'global',
    value: 'all',
    limit,
    since: 0,
    slice: 0,
    expiresAt: Number.MAX_SAFE_INTEGER,
  } as const;
  const [all] = await store.read([{ key: '["","global-day","global","all"]', ...counter }]);
  return all ?? { spent: Number.NaN, held: Number.NaN };
}

/** What every attempt of every call has cost by its record. */
const costOfRecords = (): number =>
  (app?.witness.settled ?? []).reduce((sum, { cost }) => sum + (cost?.nanoUsd ?? 0), 0);

async function ended(): Promise<void> {
  await app?.checkInvariants();
}

const question = { messages: [{ role: 'user', content: 'Say hello.' }] };
const model = 'openai/demo-small';

describe('CG-06: whatever way a call ends, nothing stays set aside, and only what a provider took is booked', () => {
  it('an answer', async () => {
    const { url } = await start();
    const answer = await chat(url, { model, max_tokens: 100, ...question });
    expect(answer.status).toBe(200);
    await ended();
    const { usage } = JSON.parse(answer.text);
    const { spent } = await state();
    expect(spent).toBe(usage.completion_tokens * perOutputToken + usage.prompt_tokens * perPromptToken);
    expect(spent).toBe(costOfRecords());
  });

  it('a stream', async () => {
    const { url } = await start();
    await chat(url, { model, stream: true, max_tokens: 100, ...question });
    await ended();
    const { spent } = await state();
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBe(costOfRecords());
  });

  it.each([
    ['a request the provider refuses', 'openai/e400', 400],
    ['a provider that fails', 'openai/e500', 502],
  ])('%s', async (_name, failing, status) => {
    const { url } = await start();
    expect((await chat(url, { model: failing, ...question })).status).toBe(status);
    await ended();
    expect(await state()).toEqual({ spent: 0, held: 0 });
  });

  it('a request that means nothing', async () => {
    const { url } = await start();
    expect((await chat(url, { model, messages: 'none', max_tokens: 10 })).status).toBe(400);
    expect((await chat(url, '{"model":')).status).toBe(400);
    expect((await chat(url, { model: 'nobody-has/this', ...question })).status).toBe(404);
    await ended();
    expect(await state()).toEqual({ spent: 0, held: 0 });
  });

  it('an answer from something that stands between budget and provider, as a cache does', async () => {
    const { url } = await start({
      behind: [
        {
          name: 'stand-in',
          answer: async (call) => {
            call.finish({ status: 'ok', httpStatus: 200 });
            return { kind: 'whole', status: 200, headers: {}, body: '{}' };
          },
        },
      ],
    });
    expect((await chat(url, { model, ...question })).status).toBe(200);
    await ended();
    expect(await state()).toEqual({ spent: 0, held: 0 });
  });

  it('a capability behind that throws, and one that refuses', async () => {
    for (const thrown of [new Error('a bug'), new GatewayError('content_policy_violation')]) {
      const { url } = await start({
        behind: [
          {
            name: 'thrower',
            onRequest: () => {
              throw thrown;
            },
          },
        ],
      });
      expect((await chat(url, { model, ...question })).status).toBe(thrown instanceof GatewayError ? 400 : 500);
      await ended();
      expect(await state()).toEqual({ spent: 0, held: 0 });
      await app?.close();
    }
  });

  it('a provider whose name does not resolve, and one that refuses connections', async () => {
    for (const baseUrl of ['http://no-such-host.invalid', 'http://127.0.0.1:1']) {
      const { url } = await start({
        providers: { openai: { apiKey: 'provider-key-canary-0123456789', baseUrl, prices } },
      });
      expect((await chat(url, { model, ...question })).status).toBeGreaterThanOrEqual(500);
      await ended();
      expect(await state()).toEqual({ spent: 0, held: 0 });
      await app?.close();
    }
  });

  it('a provider to which no connection comes about', async () => {
    const hole = await startBlackHole({ connections: 'unanswered' });
    const { url } = await start({
      providers: {
        openai: { apiKey: 'provider-key-canary-0123456789', baseUrl: hole.url, prices, timeouts: { connect: '200ms' } },
      },
    });
    expect((await chat(url, { model, ...question })).status).toBeGreaterThanOrEqual(500);
    await ended();
    await hole.close();
    expect(await state()).toEqual({ spent: 0, held: 0 });
  });

  it('a provider that takes the request and is silent: what it may have done meanwhile', async () => {
    const providers = wallProviders(wall, { prices, timeouts: { firstToken: '200ms' } });
    const { url } = await start({ providers });
    expect((await chat(url, { model: 'openai/nohdr', max_tokens: 10, ...question })).status).toBe(504);
    await ended();
    const { spent } = await state();
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThan(11 * perOutputToken);
  });

  it('targets that all fail', async () => {
    const models = { chain: { targets: ['openai/e500', 'anthropic/e503', 'gemini/e502'] } };
    const { url } = await start({ models });
    expect((await chat(url, { model: 'chain', ...question })).status).toBe(503);
    await ended();
    expect(await state()).toEqual({ spent: 0, held: 0 });
  });

  it('a caller who goes before there is an answer', async () => {
    const { url } = await start();
    const controller = new AbortController();
    const pending = chat(url, { model: 'openai/nohdr', max_tokens: 10, ...question }, { signal: controller.signal });
    await until(() => wall.calls.length === 1);
    controller.abort();
    await expect(pending).rejects.toThrow();
    await ended();
    expect((await state()).spent).toBeLessThan(11 * perOutputToken);
  });

  it('a shutdown', async () => {
    const { url, witness } = await start();
    const pending = chat(url, { model: 'openai/nohdr', max_tokens: 10, ...question });
    await until(() => wall.calls.length === 1);
    witness.calls[0]?.cancellation.cancel('shutting_down');
    expect((await pending).status).toBe(503);
    await ended();
    expect((await state()).spent).toBeLessThan(11 * perOutputToken);
  });
});

describe('a guarded call', () => {
  it.each([0, 1, 4])(
    'CG-17: left by its caller after %d pieces of a stream is booked with what was delivered',
    async (pieces) => {
      const { url, witness } = await start();
      const controller = new AbortController();
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({
          model: 'openai/stall(6)',
          stream: true,
          max_tokens: 100,
          messages: [{ role: 'user', content: 'say: one two three four five six seven eight' }],
        }),
        signal: controller.signal,
      });
      let text = '';
      const decoder = new TextDecoder();
      const wanted = pieces + 1;
      if (response.body === null) throw new Error('There is no stream.');
      for await (const chunk of response.body) {
        text += decoder.decode(chunk, { stream: true });
        if (text.split('\n\n').length > wanted) break;
      }
      controller.abort();
      await until(() => witness.settlements.length === 1);
      expect(witness.settlements[0]?.status).toBe('client_abort');
      expect(witness.settled).toHaveLength(1);
      const { spent } = await state();
      expect(spent).toBeGreaterThanOrEqual(pieces * perOutputToken);
      expect(spent).toBe(costOfRecords());
    },
  );

  it('CG-07: has an explicit bound at the provider, and is booked with no more than was set aside', async () => {
    const { url } = await start({ budgets: { ...settings, defaultMaxOutputTokens: 40 } });
    await chat(url, { model: 'openai/demo-small', messages: [{ role: 'user', content: 'write 400 words' }] });
    await ended();
    expect(JSON.parse(wall.calls[0]?.body.toString() ?? '')).toMatchObject({ max_completion_tokens: 40 });
    const { spent } = await state();
    expect(spent).toBe(costOfRecords());
    expect(spent).toBeLessThanOrEqual(40 * perOutputToken + 200 * perPromptToken);
  });

  it.each([
    // Thinking counts as output: it must fit into what was set aside, or be left out.
    ['anthropic/claude-sonnet-4-5', { reasoning_effort: 'high', max_tokens: 3_000 }, { max_tokens: 3_000 }],
    ['anthropic/claude-sonnet-4-5', { reasoning_effort: 'low', max_tokens: 40 }, { max_tokens: 40 }],
    ['anthropic/claude-sonnet-4-5', { reasoning_effort: 'high' }, { max_tokens: 5_000 }],
    // The Responses API takes no lower bound than 16.
    ['openai/gpt-5-codex', { max_tokens: 3 }, { max_output_tokens: 16 }],
  ])('CG-07: %s asked with %j may write no more than was set aside', async (asked, fields, sent) => {
    const { url } = await start({ budgets: { ...settings, defaultMaxOutputTokens: 5_000 } });
    const before = wall.calls.length;
    const answering = chat(url, { model: `${asked}+slow(100)`, ...fields, ...question });
    await until(() => wall.calls.length > before);
    const bound = Math.max(...Object.values(sent)) * perOutputToken;
    expect((await state()).held).toBeGreaterThanOrEqual(bound);
    expect((await answering).status).toBe(200);
    await ended();
    expect(JSON.parse(wall.calls[before]?.body.toString() ?? '')).toMatchObject(sent);
  });

  it('CG-09: is stopped when the provider writes more than was set aside', async () => {
    const { url } = await start();
    const answer = await chat(url, {
      model: 'openai/ignore_max_tokens',
      stream: true,
      max_tokens: 20,
      messages: [{ role: 'user', content: 'write 400 words' }],
    });
    await ended();
    expect(answer.broken).toBe(true);
    expect(answer.text).toContain('"code":"budget_exceeded"');
    expect(answer.text).not.toContain('[DONE]');
    // One piece of the stream, with the prompt's bound that was not used up.
    expect((await state()).spent).toBeLessThanOrEqual(23 * perOutputToken);
  });

  it('CG-19: is booked with all its attempts', async () => {
    const models = { chain: { targets: ['openai/error_first', 'anthropic/demo-small'] } };
    const { url, witness } = await start({ models });
    const answer = await chat(url, { model: 'chain', max_tokens: 50, ...question });
    expect(answer.headers.get('x-gateway-attempts')).toBe('2');
    await ended();
    expect(witness.started).toHaveLength(2);
    const { spent } = await state();
    const told = JSON.parse(answer.text).usage;
    const served = told.completion_tokens * perOutputToken + told.prompt_tokens * perPromptToken;
    expect(spent).toBeGreaterThanOrEqual(served);
    expect(spent).toBeLessThan(served + 51 * perOutputToken);
  });

  it('CG-38: is refused before anybody is asked, with scope and reset_at in body and headers', async () => {
    const { url } = await start({
      budgets: { list: [{ per: 'global', limit: 0.01, period: 'month', timezone: 'Asia/Kathmandu' }] },
    });
    const answer = await chat(url, { model, max_tokens: 1_000, ...question });
    expect(answer.status).toBe(402);
    expect(answer.headers.get('x-should-retry')).toBe('false');
    expect(answer.headers.get('x-gateway-budget-scope')).toBe('global');
    const resetAt = answer.headers.get('x-gateway-budget-reset-at') ?? '';
    expect(resetAt).toMatch(/^\d{4}-\d{2}-01T00:00:00\+05:45$/);
    const { error } = JSON.parse(answer.text);
    expect(error).toMatchObject({ type: 'insufficient_quota', code: 'budget_exceeded' });
    expect(error.message).toContain('scope: global');
    expect(error.message).toContain(`reset_at: ${resetAt}`);
    expect(wall.calls).toHaveLength(0);
  });

  it('CG-01: is one of those the budget pays for, of 60 at once', async () => {
    const { url } = await start({
      budgets: { list: [{ per: 'global', limit: 0.3, period: 'day' }], leastOutputTokens: 25 },
    });
    const answers = await Promise.all(
      Array.from({ length: 60 }, () =>
        chat(url, { model, max_tokens: 25, messages: [{ role: 'user', content: 'write 400 words' }] }),
      ),
    );
    await ended();
    const { spent } = await state();
    expect(spent).toBeLessThanOrEqual(300_000_000);
    expect(spent).toBe(costOfRecords());
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBeGreaterThanOrEqual(10);
    expect(served).toHaveLength(wall.calls.length);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(60 - served.length);
  });
});
