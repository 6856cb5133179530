import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FailoverOptions } from '../../src/failover/index.ts';
import type { ProviderOptions } from '../../src/providers/options.ts';
import { type FakeProvider, startBlackHole, startFakeProvider } from '../../src/testing/index.ts';
import { modelAt, playedDialects, providersByDialect } from '../../verify/harness/providers.ts';
import { ample } from '../support/ample.ts';
import { chat, type GatewayApp, startGatewayApp, until, wallProviders } from '../support/test-app.ts';

const question = { messages: [{ role: 'user', content: 'Say hello.' }] };

let wall: FakeProvider;
let app: GatewayApp | undefined;

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  await app?.checkInvariants();
  await app?.close();
  app = undefined;
  wall.reset();
});

/** The wall under three vendors' names, and under those of the dialects it speaks. */
function everyProvider(options: Partial<ProviderOptions> = {}) {
  return { ...wallProviders(wall, options), ...providersByDialect(wall, options) };
}

async function start(options: FailoverOptions = {}): Promise<GatewayApp> {
  app = await startGatewayApp({ providers: everyProvider(), walls: [wall], ...options });
  return app;
}

const errorOf = (text: string): { code: string; type: string } => JSON.parse(text).error;
/** The last frame of a stream. */
const lastFrame = (text: string): string => text.trimEnd().split('\n\n').at(-1) ?? '';
const contentOf = (text: string): string =>
  text
    .split('\n\n')
    .flatMap((frame) => (frame.startsWith('data: {') ? [JSON.parse(frame.slice(6))] : []))
    .map((chunk) => chunk.choices?.[0]?.delta?.content ?? '')
    .join('');

describe('failover', () => {
  it.each(playedDialects)('FO-01: answers from the next target when %s answers 500', async (dialect) => {
    const { url, failover, events } = await start({
      models: { chat: { targets: [modelAt(dialect, 'e500'), 'openai/demo-small'] } },
      retries: 0,
    });
    const first = await chat(url, { model: 'chat', ...question });
    expect(first.status).toBe(200);
    expect(first.headers.get('x-provider')).toBe('openai');
    expect(first.headers.get('x-gateway-attempts')).toBe('2');
    for (let index = 0; index < 40; index += 1) await chat(url, { model: 'chat', ...question });
    expect(wall.calls.filter((call) => call.model?.endsWith('e500')).length).toBeLessThanOrEqual(5);
    expect(events.filter((event) => event.type === 'target-ejected')).toHaveLength(1);
    expect(failover.engine.health.snapshot().find(({ target }) => target === modelAt(dialect, 'e500'))?.status).toBe(
      'ejected',
    );
  });

  it.each(
    playedDialects.flatMap((dialect) =>
      (['e400', 'e413', 'e422', 'context_window'] as const).map((fault) => [dialect, fault] as const),
    ),
  )("FO-02: %s %s is the caller's own: one call, no fallback", async (dialect, fault) => {
    const { url } = await start({ models: { chat: { targets: [modelAt(dialect, fault), 'openai/demo-small'] } } });
    const answer = await chat(url, { model: 'chat', ...question });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(wall.calls).toHaveLength(1);
    expect(answer.headers.get('x-gateway-attempts')).toBe('1');
  });

  it.each(playedDialects)(
    'FO-03: a stream of %s cut after output ends broken, with one error frame and no new call',
    async (dialect) => {
      const { url, witness } = await start({
        models: { chat: { targets: [modelAt(dialect, 'cut(3)'), 'openai/demo-small'] } },
      });
      const answer = await chat(url, { model: 'chat', stream: true, ...question });
      expect(answer.status).toBe(200);
      expect(answer.broken).toBe(true);
      expect(contentOf(answer.text)).not.toBe('');
      expect(errorOf(lastFrame(answer.text).slice(6))).toMatchObject({ code: 'upstream_truncated' });
      expect(answer.text).not.toContain('[DONE]');
      expect(answer.text).not.toContain('"finish_reason":"stop"');
      expect(wall.calls).toHaveLength(1);
      await until(() => witness.settlements.length === 1);
      expect(witness.settlements[0]).toMatchObject({ status: 'upstream_truncated', httpStatus: 200 });
    },
  );

  it.each(playedDialects)(
    'PT-06: a stream of %s that ends cleanly before it is complete is reported as truncated',
    async (dialect) => {
      const { url } = await start();
      const answer = await chat(url, { model: modelAt(dialect, 'clean_eof(2)'), stream: true, ...question });
      expect(answer.broken).toBe(true);
      expect(errorOf(lastFrame(answer.text).slice(6)).code).toBe('upstream_truncated');
    },
  );

  it.each(playedDialects)(
    'PT-08: an error event of %s inside a running stream keeps its code and breaks the stream',
    async (dialect) => {
      const { url } = await start();
      const answer = await chat(url, { model: modelAt(dialect, 'inband_error(2)'), stream: true, ...question });
      expect(answer.broken).toBe(true);
      // Ollama's errors are a text and nothing else.
      if (dialect !== 'ollama-chat') expect(lastFrame(answer.text)).toContain('"provider_code"');
      expect(answer.text).not.toContain('[DONE]');
    },
  );

  it.each(playedDialects)(
    'PT-09: an error event of %s before any output is invisible: the next target answers',
    async (dialect) => {
      const { url } = await start({
        models: { chat: { targets: [modelAt(dialect, 'error_first'), 'openai/demo-small'] } },
      });
      const answer = await chat(url, { model: 'chat', stream: true, ...question });
      expect(answer.status).toBe(200);
      expect(answer.broken).toBe(false);
      expect(answer.headers.get('x-gateway-attempts')).toBe('2');
      expect(answer.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    },
  );

  it.each(playedDialects)(
    'PT-09: without a next target the error before output is an HTTP status, not a 200 (%s)',
    async (dialect) => {
      const { url } = await start({ retries: 0 });
      const answer = await chat(url, { model: modelAt(dialect, 'error_first'), stream: true, ...question });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.headers.get('content-type')).toContain('application/json');
    },
  );

  it.each(
    playedDialects.flatMap((dialect) =>
      (
        [
          'rst_before_headers',
          'rst_after_headers',
          'comments_then_cut',
          'html200',
          'empty200',
          'json_cut',
          'e429',
          'e529',
          'e401',
        ] as const
      ).map((fault) => [dialect, fault] as const),
    ),
  )('FO-29: %s %s before output moves on, for whole answers and streams', async (dialect, fault) => {
    const { url } = await start({
      providers: {
        ...everyProvider(),
        backup: { type: 'gemini', apiKey: 'another-key-0123456789', baseUrl: wall.baseUrl('gemini') },
      },
      models: { chat: { targets: [modelAt(dialect, fault), 'backup/demo-small'] } },
      retries: 0,
      on: ['rate_limit', 'timeout', 'server_error', 'connection'],
    });
    const streams = fault === 'json_cut' ? [false] : [false, true];
    for (const stream of streams) {
      const answer = await chat(url, { model: 'chat', stream, ...question });
      expect([answer.status, answer.broken, answer.headers.get('x-provider')]).toEqual([200, false, 'backup']);
    }
  });

  it('FO-05: a connection that is never made costs the connect timeout, then the next target answers', async () => {
    const hole = await startBlackHole({ connections: 'unanswered' });
    const { url } = await start({
      providers: {
        ...wallProviders(wall),
        hole: { type: 'openai-compatible', baseUrl: hole.url, timeouts: { connect: '300ms' } },
      },
      models: { chat: { targets: ['hole/m', 'openai/demo-small'] } },
    });
    const answer = await chat(url, { model: 'chat', ...question });
    expect([answer.status, answer.headers.get('x-gateway-attempts')]).toEqual([200, '2']);
    await app?.checkInvariants();
    await hole.close();
  });

  it('FO-06: headers that never come cost the first-token timeout; the socket is destroyed', async () => {
    const { url } = await start({
      providers: {
        ...wallProviders(wall),
        openai: { ...wallProviders(wall).openai, timeouts: { firstToken: '300ms' } },
      },
      models: { chat: { targets: ['openai/nohdr', 'anthropic/demo-small'] } },
    });
    for (const stream of [false, true]) {
      const answer = await chat(url, { model: 'chat', stream, ...question });
      expect([answer.status, answer.headers.get('x-provider')]).toEqual([200, 'anthropic']);
    }
    await until(() => wall.stats().aborted === 2);
  });

  it.each(playedDialects)(
    'FO-07: a stream of %s that stalls after output ends with upstream_timeout',
    async (dialect) => {
      const { url, witness } = await start({ providers: everyProvider({ timeouts: { idle: '300ms' } }) });
      const startedAt = performance.now();
      const answer = await chat(url, { model: modelAt(dialect, 'stall(3)'), stream: true, ...question });
      expect(performance.now() - startedAt).toBeLessThan(ample);
      expect(answer.broken).toBe(true);
      expect(errorOf(lastFrame(answer.text).slice(6)).code).toBe('upstream_timeout');
      await until(() => witness.settlements.length === 1);
      expect(witness.settlements[0]?.status).toBe('timeout');
      await until(() => wall.stats().aborted === 1);
    },
  );

  it.each([false, true])(
    'FO-06: a handler of the app that blocks the process is not held against the provider (stream: %s)',
    async (stream) => {
      const { url, witness } = await start({ providers: wallProviders(wall, { timeouts: { firstToken: '1s' } }) });
      const waiting = chat(url, { model: 'openai/slow(200)', stream, ...question });
      await until(() => wall.stats().open === 1);
      const end = performance.now() + 1_200;
      while (performance.now() < end);
      expect((await waiting).status).toBe(200);
      await until(() => witness.settlements.length === 1);
      expect(witness.settled.map(({ status }) => status)).toEqual(['ok']);
    },
  );

  it('FO-09: a deadline ends the call though three targets hang', async () => {
    const { url } = await start({
      models: { chat: { targets: ['openai/nohdr', 'anthropic/nohdr', 'gemini/nohdr'] } },
      providers: wallProviders(wall, { timeouts: { firstToken: '400ms' } }),
      deadline: '900ms',
    });
    const answer = await chat(url, { model: 'chat', ...question });
    expect([answer.status, errorOf(answer.text).code]).toEqual([504, 'deadline_exceeded']);
  });

  it.each([
    ['the header', { headers: { 'content-type': 'application/json', 'x-gateway-deadline-ms': '300' } }, {}],
    ['the body', {}, { options: { max_latency_ms: 300 } }],
  ])('takes a shorter deadline from %s', async (_where, init, extra) => {
    const { url } = await start();
    const answer = await chat(url, { model: 'openai/nohdr', ...question, ...extra }, init);
    expect([answer.status, errorOf(answer.text).code]).toEqual([504, 'deadline_exceeded']);
  });

  it('FO-13: a reset after the request was sent does not replay it on the same target', async () => {
    const { url, witness } = await start({ retries: 2 });
    const answer = await chat(url, { model: 'openai/rst_before_headers', ...question });
    expect([answer.status, errorOf(answer.text).code]).toEqual([502, 'upstream_connection']);
    expect(wall.calls).toHaveLength(1);
    expect(witness.settled[0]?.status).toBe('unknown');
  });

  it('FO-17: says when to come back once every target is ejected, and lets one attempt at a time try', async () => {
    const { url } = await start({ retries: 0, models: { chat: { targets: ['openai/e500', 'anthropic/e500'] } } });
    for (let index = 0; index < 10; index += 1) await chat(url, { model: 'chat', ...question });
    const before = wall.calls.length;
    const answers = await Promise.all(Array.from({ length: 20 }, () => chat(url, { model: 'chat', ...question })));
    expect(wall.calls.length - before).toBeLessThan(20);
    for (const answer of answers) {
      expect([answer.status, errorOf(answer.text).code]).toEqual([503, 'no_healthy_upstream']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
  });

  it('FO-21: callers with mistakes do not touch the health of a target', async () => {
    const { url, failover } = await start();
    for (let index = 0; index < 30; index += 1) await chat(url, { model: 'openai/e422', ...question });
    expect(failover.engine.health.snapshot().every(({ status }) => status === 'healthy')).toBe(true);
  });

  it('takes fallbacks from the request body, under each of their names, and never sends them on', async () => {
    const { url } = await start({ retries: 0 });
    for (const field of ['fallback', 'fallbacks', 'models']) {
      const answer = await chat(url, { model: 'openai/e500', [field]: ['anthropic/demo-small'], ...question });
      expect([answer.status, answer.headers.get('x-provider')]).toEqual([200, 'anthropic']);
    }
    expect(JSON.stringify(wall.calls.map((call) => call.body))).not.toContain('fallback');
  });

  it.each([
    [{ fallback: 'anthropic/x' }, 'fallback'],
    [{ fallbacks: [1] }, 'fallbacks'],
    [{ model: 7 }, 'model'],
    [{ stream: 'yes' }, 'stream'],
    [{ options: { max_latency_ms: -1 } }, 'options.max_latency_ms'],
  ])('refuses %j and names the field', async (fields, param) => {
    const { url } = await start();
    const answer = await chat(url, { model: 'openai/demo-small', ...question, ...fields });
    expect([answer.status, JSON.parse(answer.text).error.param]).toEqual([400, param]);
    expect(wall.calls).toHaveLength(0);
  });

  it('PT-20: waits as long as the provider asks before it tries the only target again', async () => {
    const { url } = await start({ retries: 1 });
    wall.script({ status: 429, headers: { 'retry-after': '1' }, body: '{"error":{"message":"slow down"}}' });
    const startedAt = performance.now();
    const answer = await chat(url, { model: 'openai/demo-small', ...question });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-gateway-attempts')).toBe('2');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(990);
  });

  it('PT-20: returns the soonest hint as Retry-After when all targets are out of rate', async () => {
    const { url } = await start({
      models: { chat: { targets: ['openai/retryafter(70)', 'gemini/retryafter(90)'] } },
      retries: 0,
    });
    const answer = await chat(url, { model: 'chat', ...question });
    expect([answer.status, errorOf(answer.text).code]).toEqual([429, 'rate_limit_exceeded']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(69);
    expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(71);
  });

  it('B12: moves to the next key when one is refused, and reports the refusal', async () => {
    await app?.close();
    const strict = await startFakeProvider({ apiKey: 'good-key-0123456789' });
    app = await startGatewayApp({
      providers: {
        openai: { apiKeys: ['bad-key-0123456789', 'good-key-0123456789'], baseUrl: strict.baseUrl('openai-chat') },
      },
      walls: [strict],
    });
    const answers = [];
    for (let index = 0; index < 4; index += 1)
      answers.push(await chat(app.url, { model: 'openai/demo-small', ...question }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(app.events.filter(({ type }) => type === 'upstream-auth-failed')).toHaveLength(1);
    expect(JSON.stringify(app.events)).not.toContain('bad-key');
    await app.checkInvariants();
    await strict.close();
  });

  it("PT-19: a provider's 401 is a 502 that does not blame the caller's key", async () => {
    const { url } = await start();
    const answer = await chat(url, { model: 'anthropic/e401', ...question });
    expect([answer.status, errorOf(answer.text).code]).toEqual([502, 'upstream_auth_failed']);
  });

  it('HC-20: never follows a redirect', async () => {
    const elsewhere = await startFakeProvider();
    const { url } = await start({ retries: 0 });
    wall.breakWith(`redirect(${elsewhere.url}/v1/chat/completions)`);
    const answer = await chat(url, { model: 'openai/demo-small', ...question });
    expect([answer.status, errorOf(answer.text).code]).toEqual([502, 'upstream_redirect']);
    expect(elsewhere.calls).toHaveLength(0);
    await elsewhere.close();
  });
});
