import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import compression from 'compression';
import express from 'express';
import { mount } from '../../src/express/mount.ts';
import { createFailover } from '../../src/failover/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { modelAt, playedDialects, providersByDialect } from '../../verify/harness/providers.ts';
import {
  chat,
  type GatewayApp,
  type GatewayAppOptions,
  listen,
  startGatewayApp,
  until,
  wallProviders,
} from '../support/test-app.ts';

const messages = [{ role: 'user', content: 'Say hello.' }];

let wall: FakeProvider;
let app: GatewayApp | undefined;

beforeAll(async () => {
  wall = await startFakeProvider({ tokenDelay: 20 });
});
afterAll(() => wall.close());
afterEach(async () => {
  await app?.checkInvariants();
  await app?.close();
  app = undefined;
  wall.reset();
});

async function start(options: Partial<GatewayAppOptions> = {}): Promise<GatewayApp> {
  app = await startGatewayApp({
    providers: { ...wallProviders(wall), ...providersByDialect(wall) },
    walls: [wall],
    retries: 0,
    ...options,
  });
  return app;
}

interface Leaver {
  /** Destroys the caller's socket. */
  leave(): void;
  readonly received: () => string;
}

function call(url: string, body: object): Leaver {
  const sent = JSON.stringify(body);
  const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent: false });
  let received = '';
  request.on('response', (response) => {
    response.setEncoding('utf8').on('data', (chunk: string) => {
      received += chunk;
    });
    response.on('error', () => {});
  });
  request.on('error', () => {});
  request.end(sent);
  return { leave: () => request.destroy(), received: () => received };
}

describe('a caller that leaves', () => {
  const phases: readonly (readonly [string, object, (leaver: Leaver) => boolean])[] = [
    ['before any header came', { model: 'openai/nohdr' }, () => wall.stats().calls > 0],
    ['before the first output', { model: 'openai/slow(5000)', stream: true }, () => wall.stats().calls > 0],
    [
      'in the middle of a stream',
      { model: 'openai/pace(50)', stream: true },
      ({ received }) => received().includes('content'),
    ],
    [
      'in a stalled stream',
      { model: 'anthropic/stall(2)', stream: true },
      ({ received }) => received().includes('content'),
    ],
    ['during a translated answer', { model: 'gemini/slow(5000)' }, () => wall.stats().calls > 0],
  ];

  it.each(phases)('PT-22, HC-21: %s has its provider closed at once', async (_phase, body, reached) => {
    const { url, witness } = await start();
    for (let round = 0; round < 10; round += 1) {
      const before = wall.stats().aborted;
      wall.reset();
      const leaver = call(url, { messages, ...body });
      await until(() => reached(leaver));
      leaver.leave();
      await until(() => wall.stats().aborted > 0);
      expect(before).toBeGreaterThanOrEqual(0);
    }
    await until(() => witness.settlements.length === 10);
    expect(new Set(witness.settlements.map(({ status }) => status))).toEqual(new Set(['client_abort']));
    expect(witness.settled.every(({ status }) => status === 'client_abort')).toBe(true);
  });

  it('is not waited for between two tries', async () => {
    const { url, witness } = await start({ retries: 3 });
    const leaver = call(url, { model: 'openai/retryafter(30)', messages });
    await until(() => witness.settled.length === 1);
    leaver.leave();
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]?.status).toBe('client_abort');
    expect(wall.stats().calls).toBe(1);
  });
});

describe('answers', () => {
  it.each(
    playedDialects.flatMap((name) =>
      (['gz', 'br', 'deflate', 'zstd'] as const).map((encoding) => [name, encoding] as const),
    ),
  )('PT-11: %s compressed with %s is read, and nothing of the encoding reaches the caller', async (name, encoding) => {
    const { url } = await start();
    for (const stream of [false, true]) {
      const answer = await chat(url, { model: modelAt(name, encoding), messages, stream });
      expect([answer.status, answer.broken]).toEqual([200, false]);
      expect(answer.headers.get('content-encoding')).toBeNull();
      expect(answer.text).toContain(stream ? 'data: [DONE]' : '"choices"');
    }
  });

  it.each(playedDialects)(
    'PT-12, PT-15: each token of %s reaches the caller when it was sent, behind compression() too',
    async (name) => {
      const failover = createFailover({ providers: providersByDialect(wall) }, { environment: {} });
      const server = express();
      server.use(compression());
      server.post('/v1/chat/completions', mount(failover));
      const listening = await listen(server);
      const arrivals: number[] = [];
      const response = await fetch(`${listening.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'accept-encoding': 'gzip' },
        body: JSON.stringify({ model: modelAt(name, 'pace(60)'), messages, stream: true }),
      });
      for await (const _chunk of response.body ?? []) arrivals.push(performance.now());
      expect(response.headers.get('cache-control')).toBe('no-cache, no-transform');
      expect(response.headers.get('x-accel-buffering')).toBe('no');
      expect(response.headers.get('content-encoding')).toBeNull();
      // Tokens came one by one: held back, they would arrive together at the end.
      const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
      expect(gaps.filter((gap) => gap > 30).length).toBeGreaterThanOrEqual(3);
      expect(wall.calls.at(-1)?.headers['accept-encoding']).toBe('identity');
      await listening.close();
      await failover.close();
    },
  );

  it('HC-13: a caller that reads nothing has its provider paused, and gets everything once it reads', async () => {
    const { url } = await start();
    const piece = 'x'.repeat(64 * 1024);
    const count = 400;
    wall.script({ text: Array.from({ length: count }, () => piece), fault: 'pace(0)' });
    const before = process.memoryUsage().rss;
    const received = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent: false }, (response) => {
        let bytes = 0;
        response.pause();
        setTimeout(() => {
          expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024);
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
          });
          response.on('end', () => resolve(bytes));
          response.resume();
        }, 1_000);
      });
      request.on('error', reject);
      request.end(JSON.stringify({ model: 'openai/demo-small', messages, stream: true }));
    });
    expect(received).toBeGreaterThan(count * piece.length);
  });

  it.each(playedDialects)('PT-14: an endless line of %s is given up, with bounded memory', async (name) => {
    const { url } = await start();
    const before = process.memoryUsage().rss;
    const answer = await chat(url, { model: modelAt(name, 'longline'), messages, stream: true });
    expect(answer.status).toBe(502);
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  it.each(playedDialects)('PT-24: an answer of %s nested 10,000 deep is no stack overflow', async (name) => {
    const { url } = await start();
    const answer = await chat(url, { model: modelAt(name, 'deep'), messages });
    expect([200, 502]).toContain(answer.status);
    expect(answer.text).not.toContain('RangeError');
  });

  it.each(playedDialects)(
    'PT-03: invalid UTF-8 from %s damages that place only, and an event says so',
    async (name) => {
      const { url, events } = await start();
      const answer = await chat(url, { model: modelAt(name, 'badutf8'), messages, stream: true });
      expect(answer.broken).toBe(false);
      expect(answer.text).toContain('\uFFFD');
      expect(answer.text.trimEnd().endsWith('[DONE]')).toBe(true);
      expect(events.some(({ type }) => type === 'invalid-utf8')).toBe(true);
    },
  );

  it.each(playedDialects)(
    'PT-04: nasty text of %s arrives as it is, in exactly the frames that were meant',
    async (name) => {
      const { url } = await start();
      const nasty = ['a\n\nb\r\nc', 'data: [DONE]\n\n', 'event: error\r\r', '\u2028\u2029', '\0', '"}\\', '\u{1F600}'];
      wall.script({ text: nasty });
      const answer = await chat(url, { model: modelAt(name), messages, stream: true });
      const frames = answer.text.split('\n\n').filter((frame) => frame.startsWith('data: {'));
      const text = frames.map((frame) => JSON.parse(frame.slice(6)).choices[0]?.delta?.content ?? '').join('');
      expect(text).toBe(nasty.join(''));
      expect(answer.text.match(/^data: \[DONE\]$/gm)).toHaveLength(1);
    },
  );

  it('passes bytes through unchanged but for the model, usage and the fields of the gateway', async () => {
    const { url } = await start();
    const body =
      '{ "seed" : 7,\n "temperature":1.0, "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer","maximum":12345678901234567890}}}}}], "model":"openai/demo-small", "fallback":["gemini/demo-small"], "messages":[{"role":"user","content":"\\u00e9"}]}';
    const answer = await chat(url, body);
    expect(answer.status).toBe(200);
    expect(Buffer.from(wall.calls[0]?.body ?? []).toString()).toBe(
      '{ "seed" : 7,\n "temperature":1.0, "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"integer","maximum":12345678901234567890}}}}}], "model":"demo-small", "messages":[{"role":"user","content":"\\u00e9"}]}',
    );
    expect(JSON.parse(answer.text).choices).toHaveLength(1);
  });

  it('withholds the usage frame unless the caller asked for it', async () => {
    const { url, witness } = await start();
    const quiet = await chat(url, { model: 'openai/demo-small', messages, stream: true });
    expect(quiet.text).not.toContain('"choices":[]');
    const asked = await chat(url, {
      model: 'openai/demo-small',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(asked.text).toContain('"choices":[]');
    await until(() => witness.settlements.length === 2);
    expect(witness.settlements.every(({ usage }) => (usage?.outputTokens ?? 0) > 0)).toBe(true);
  });
});
