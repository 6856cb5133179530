import { afterEach, describe, expect, it } from '@jest/globals';
import type { Allowance } from '../../src/core/allowance.ts';
import { type Capability, pass } from '../../src/core/capability.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { modelAt, playedDialects, providersByDialect } from '../../verify/harness/providers.ts';
import { chat, type GatewayApp, startGatewayApp, until } from '../support/test-app.ts';

const messages = [{ role: 'user', content: 'write 40 words' }];

let wall: FakeProvider;
let app: GatewayApp;

async function start(allowance?: Allowance): Promise<void> {
  wall = await startFakeProvider();
  const guard: Capability = {
    name: 'guard',
    onRequest(call) {
      call.allowance = allowance;
      return pass;
    },
  };
  app = await startGatewayApp({
    providers: providersByDialect(wall, { timeouts: { idle: '1500ms' } }),
    walls: [wall],
    retries: 0,
    inFront: [guard],
  });
}

afterEach(async () => {
  await app.checkInvariants();
  await app.close();
  await wall.close();
});

const attempt = () => app.witness.settled.at(-1);

describe('the account of a stream that breaks off', () => {
  it.each(playedDialects)('CG-17: is the count of %s where it had counted all it delivered', async (dialect) => {
    await start();
    await chat(app.url, { model: modelAt(dialect, 'cumulative+cut(10)'), messages, stream: true });
    await until(() => attempt() !== undefined);
    // `word1 word2 ...` is estimated at more.
    expect(attempt()).toMatchObject({
      status: 'upstream_truncated',
      usageSource: 'provider',
      usage: { outputTokens: 10 },
    });
  });

  it('CG-17: covers what was delivered after the provider had counted', async () => {
    await start();
    const chunk = (part: object) =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', ...part })}\n\n`;
    const text = (content: string) => chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
    wall.script({
      headers: { 'content-type': 'text/event-stream' },
      body: [chunk({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 1 } }), text('word '.repeat(40))],
    });
    await chat(app.url, { model: modelAt('openai-chat'), messages, stream: true });
    await until(() => attempt() !== undefined);
    expect(attempt()).toMatchObject({
      status: 'upstream_truncated',
      usageSource: 'estimated',
      usage: { inputTokens: 7 },
    });
    expect(attempt()?.usage?.outputTokens).toBeGreaterThanOrEqual(40);
  });
});

interface Chunk {
  readonly choices: readonly unknown[];
  readonly usage?: unknown;
}

function chunksOf(text: string): readonly Chunk[] {
  return text.split('\n\n').flatMap((frame) => (frame.startsWith('data: {') ? [JSON.parse(frame.slice(6))] : []));
}

describe.each(playedDialects)('the account of an attempt at a provider that speaks %s', (dialect) => {
  it.each([true, false])('is the provider\u2019s own count (stream: %s)', async (stream) => {
    await start();
    await chat(app.url, { model: modelAt(dialect), messages, stream });
    await until(() => attempt() !== undefined);
    expect(attempt()).toMatchObject({ usageSource: 'provider', usage: { outputTokens: 40 } });
    expect(attempt()?.cost).toMatchObject({ priceVersion: expect.any(String) });
  });

  it.each([true, false])(
    'CG-12: is an estimate of what was delivered where nobody counts (stream: %s)',
    async (stream) => {
      await start();
      await chat(app.url, { model: modelAt(dialect, 'nousage'), messages, stream });
      await until(() => attempt() !== undefined);
      expect(attempt()).toMatchObject({ status: 'ok', usageSource: 'estimated' });
      // `word1 word2 ...`: a word and its number are about two tokens.
      expect(attempt()?.usage?.outputTokens).toBeGreaterThanOrEqual(40);
      expect(attempt()?.usage?.outputTokens).toBeLessThanOrEqual(120);
      expect(attempt()?.usage?.inputTokens).toBeGreaterThan(0);
    },
  );

  it.each([true, false])('CG-16: stays at zero where the provider says zero (stream: %s)', async (stream) => {
    await start();
    await chat(app.url, { model: modelAt(dialect, 'zerousage'), messages, stream });
    await until(() => attempt() !== undefined);
    expect(attempt()).toMatchObject({ usageSource: 'provider', usage: { inputTokens: 0, outputTokens: 0 } });
  });

  it('CG-10: is the provider\u2019s own count whether or not the caller asks for it, and shown only to who asks', async () => {
    await start();
    for (const asked of [false, undefined, true]) {
      const options = asked === undefined ? {} : { stream_options: { include_usage: asked } };
      const { text } = await chat(app.url, { model: modelAt(dialect), messages, stream: true, ...options });
      await app.checkInvariants();
      expect(attempt()).toMatchObject({ usageSource: 'provider', usage: { outputTokens: 40 } });
      const chunks = chunksOf(text);
      const shown = chunks.filter(({ usage }) => usage !== undefined && usage !== null);
      expect(shown).toHaveLength(asked === true ? 1 : 0);
      expect(chunks.filter(({ choices }) => choices.length === 0)).toEqual(shown);
    }
  });

  // Ollama tells nothing of a cache.
  const counts = { input: 100, output: 20, ...(dialect !== 'ollama-chat' && { cacheRead: 60 }) };
  const counted = { inputTokens: 100, outputTokens: 20, ...(dialect !== 'ollama-chat' && { cacheReadTokens: 60 }) };

  it.each([
    ['CG-13: is taken from a chunk that ends a choice as well', 'usage_on_choice'],
    ['CG-13: is taken once from where it is told twice', 'dupusage'],
    ['CG-14: is the last of the counts that grow with the stream, never their sum', 'cumulative'],
  ])('%s', async (_rule, fault) => {
    await start();
    const told: unknown[] = [];
    for (const stream of [true, false]) {
      wall.script({ text: ['one ', 'two ', 'three ', 'four'], usage: counts, fault });
      const asked = { model: modelAt(dialect), messages, stream };
      const { text } = await chat(app.url, stream ? { ...asked, stream_options: { include_usage: true } } : asked);
      await app.checkInvariants();
      expect(attempt()).toMatchObject({ usageSource: 'provider', usage: counted });
      told.push((stream ? chunksOf(text) : [JSON.parse(text)]).findLast(({ usage }) => usage)?.usage);
    }
    expect(told[0]).toMatchObject({ prompt_tokens: 100, completion_tokens: 20 });
    expect(told[0]).toEqual(told[1]);
  });

  it.each(['cut(10)', 'clean_eof(10)', 'stall(10)', 'inband_error(10)'])(
    'CG-17: covers what was delivered before %s',
    async (fault) => {
      await start();
      const { text } = await chat(app.url, { model: modelAt(dialect, fault), messages, stream: true });
      await until(() => attempt() !== undefined);
      const delivered = text.split('word').length - 1;
      expect(delivered).toBeGreaterThan(5);
      expect(attempt()?.usage?.outputTokens).toBeGreaterThanOrEqual(delivered);
      expect(attempt()?.usage?.inputTokens).toBeGreaterThan(0);
    },
  );

  it('has no use to speak of when the provider answered with an error', async () => {
    await start();
    await chat(app.url, { model: modelAt(dialect, 'e500'), messages });
    await until(() => attempt() !== undefined);
    expect(attempt()).toMatchObject({ usageSource: 'none' });
    expect(attempt()).not.toHaveProperty('usage');
    expect(attempt()).not.toHaveProperty('cost');
  });

  it('costs what who guards the money books for it, where nobody counted', async () => {
    await start({ maxOutputTokens: () => undefined, exceededBy: () => false, costOfUncounted: () => 1_234 });
    await chat(app.url, { model: modelAt(dialect, 'nohdr'), messages }, { signal: AbortSignal.timeout(150) }).catch(
      () => {},
    );
    await until(() => attempt() !== undefined);
    expect(attempt()).toMatchObject({
      status: 'client_abort',
      usageSource: 'none',
      cost: { nanoUsd: 1_234, priceVersion: 'estimated' },
    });
  });

  it.each([true, false])('CG-07: the bound is sent to the provider (stream: %s)', async (stream) => {
    await start({ maxOutputTokens: () => 20, exceededBy: () => false, costOfUncounted: () => undefined });
    await chat(app.url, { model: modelAt(dialect), messages, stream });
    await chat(app.url, { model: modelAt(dialect), messages, stream, max_tokens: 30 });
    await until(() => app.witness.settled.length === 2);
    expect(app.witness.settled.map(({ usage }) => usage?.outputTokens)).toEqual([20, 20]);
    expect(wall.calls.map(({ refusal }) => refusal)).toEqual([undefined, undefined]);
  });

  it('CG-09: a stream that goes on beyond what was set aside is stopped with a typed error', async () => {
    await start({
      maxOutputTokens: () => 20,
      exceededBy: (_target, tokens) => tokens > 20,
      costOfUncounted: () => undefined,
    });
    const model = modelAt(dialect, 'ignore_max_tokens+pace(2)');
    const { text, broken } = await chat(app.url, { model, messages, stream: true });
    await until(() => attempt() !== undefined);
    expect(broken).toBe(true);
    expect(text).toContain('"code":"budget_exceeded"');
    expect(text).not.toContain('[DONE]');
    expect(attempt()).toMatchObject({ status: 'stopped' });
    expect(attempt()?.usage?.outputTokens).toBeLessThanOrEqual(24);
    // It says nothing of the provider's health, and the provider is let go at once.
    expect(app.failover.engine.health.snapshot().every(({ consecutiveFailures }) => consecutiveFailures === 0)).toBe(
      true,
    );
    await wall.whenIdle(500);
  });
});
