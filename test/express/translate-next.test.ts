import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import express5, { type RequestHandler } from 'express';
import express4 from 'express4';
import { createProxyMiddleware, fixRequestBody } from 'http-proxy-middleware';
import { mount } from '../../src/express/mount.ts';
import { createProviderTranslate, type ProviderTranslateOptions } from '../../src/provider-translate/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import {
  chat,
  countingRuntime,
  createWitness,
  type ListeningServer,
  listen,
  until,
  type Witness,
  wallProviders,
} from '../support/test-app.ts';
import { connectTo, requestText } from './support/raw-client.ts';

const question = { messages: [{ role: 'user', content: 'say: It\u2019s fine.\n\n\u00fc \ud83d\ude00' }] };
const said = 'It\u2019s fine.\n\n\u00fc \ud83d\ude00';
const dialects = ['openai', 'anthropic', 'gemini'] as const;
type Dialect = (typeof dialects)[number];

interface ProxyApp extends ListeningServer {
  readonly witness: Witness;
  readonly runtime: ReturnType<typeof countingRuntime>;
}

interface ProxyAppOptions {
  readonly create?: typeof express5;
  readonly parsed?: boolean;
  readonly fixed?: boolean;
  readonly options?: Partial<ProviderTranslateOptions>;
  readonly timeouts?: { readonly firstToken?: '300ms'; readonly idle?: '300ms' };
  /** In place of the proxy. */
  readonly handler?: RequestHandler;
}

let wall: FakeProvider;
let app: ProxyApp | undefined;

beforeAll(async () => {
  // The proxy tells the console of every upstream that breaks.
  jest.spyOn(console, 'error').mockImplementation(() => {});
  wall = await startFakeProvider();
});
afterAll(async () => {
  jest.restoreAllMocks();
  await wall.close();
});
afterEach(async () => {
  await checkInvariants();
  await app?.close();
  app = undefined;
  wall.reset();
});

async function checkInvariants(): Promise<void> {
  if (app === undefined) return;
  const { witness, runtime } = app;
  await until(() => witness.settlements.length >= witness.calls.length);
  await wall.whenIdle();
  await until(() => runtime.pendingTimers() === 0);
  expect(witness.settlements).toHaveLength(witness.calls.length);
  expect(witness.settled).toHaveLength(witness.started.length);
}

/** A witness, the translation, and http-proxy-middleware in front of the fake provider. */
async function start(dialect: Dialect, proxy: ProxyAppOptions = {}): Promise<ProxyApp> {
  const { create = express5, parsed = false, fixed = false, options = {}, timeouts } = proxy;
  const witness = createWitness();
  const runtime = countingRuntime();
  const providers = { [dialect]: wallProviders(wall, timeouts === undefined ? {} : { timeouts })[dialect] };
  const translate = createProviderTranslate({ providers, forward: 'next', ...options }, { runtime, environment: {} });
  const express = create();
  express.use(mount(witness.capability, { runtime }));
  if (parsed) express.use(create.json());
  const forward =
    proxy.handler ??
    createProxyMiddleware({
      target: wall.url,
      changeOrigin: true,
      ...(fixed && { on: { proxyReq: fixRequestBody } }),
    });
  express.post('/v1/chat/completions', mount(translate, { runtime }), forward);
  app = { ...(await listen(express)), witness, runtime };
  return app;
}

const contentOf = (text: string): string =>
  text
    .split('\n\n')
    .flatMap((frame) => (frame.startsWith('data: {') ? [JSON.parse(frame.slice(6))] : []))
    .map((chunk) => chunk.choices?.[0]?.delta?.content ?? '')
    .join('');

const codeOf = (text: string): string => JSON.parse(text).error.code;
const lastFrame = (text: string): string => (text.trimEnd().split('\n\n').at(-1) ?? '').replace(/^data: /, '');

describe('providerTranslate({forward: "next"}) in front of http-proxy-middleware', () => {
  const matrix = dialects.flatMap((dialect) =>
    [express5, express4].flatMap((create) =>
      [false, true].flatMap((parsed) =>
        [false, true].map((fixed) => ({ dialect, create, parsed, fixed, version: create === express5 ? 5 : 4 })),
      ),
    ),
  );

  it.each(matrix)(
    'translates both ways: $dialect, Express $version, express.json() $parsed, fixRequestBody $fixed',
    async ({ dialect, create, parsed, fixed }) => {
      const { url, witness } = await start(dialect, { create, parsed, fixed });
      const headers = {
        'content-type': 'application/json',
        authorization: 'Bearer caller-canary-1',
        cookie: 'session=caller-canary-2',
        'x-forwarded-for': '10.1.2.3',
        'accept-encoding': 'gzip',
      };
      const whole = await chat(url, { model: `${dialect}/demo-small`, ...question }, { headers });
      expect([whole.status, JSON.parse(whole.text).choices[0].message.content]).toEqual([200, said]);
      const stream = await chat(url, { model: `${dialect}/demo-small`, stream: true, ...question }, { headers });
      expect([stream.status, stream.broken, contentOf(stream.text)]).toEqual([200, false, said]);
      expect(stream.text.endsWith('data: [DONE]\n\n')).toBe(true);
      for (const answer of [whole, stream]) {
        expect(answer.headers.get('x-provider')).toBe(dialect);
        expect(answer.headers.get('x-request-id')).toBe(witness.calls[answer === whole ? 0 : 1]?.id);
        expect(answer.headers.get('content-encoding')).toBeNull();
      }
      expect(stream.headers.get('cache-control')).toBe('no-cache, no-transform');
      expect(wall.calls.map(({ outcome, refusal }) => [outcome, refusal])).toEqual([
        ['answered', undefined],
        ['answered', undefined],
      ]);
      for (const call of wall.calls) {
        const seen = JSON.stringify([call.rawHeaders, call.path]);
        expect(seen).not.toMatch(/caller-canary|10\.1\.2\.3/);
        expect(seen).toContain('provider-key-canary');
        expect(call.headers['accept-encoding']).toBe('identity');
      }
      await checkInvariants();
      for (const settlement of witness.settlements) {
        expect(settlement).toMatchObject({ status: 'ok', provider: dialect, usageSource: 'provider' });
      }
    },
  );

  it.each([false, true])(
    "a body in the provider's own dialect reaches it to the byte, answers come back so (stream %p)",
    async (stream) => {
      const { url } = await start('openai');
      const tool =
        '{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"n":{"maximum":12345678901234567890,"default":1.0}}}}}';
      const options = stream ? ',"stream_options":{"include_usage":true}' : '';
      const body = `{ "tools":[${tool}], "temperature" : 1.0,"messages":[{"role":"user","content":"say: \\u00fc"}],\n"model":"openai/demo-small", "stream":${stream}${options} }`;
      const answer = await chat(url, body);
      expect(wall.calls[0]?.body.toString()).toBe(body.replace('openai/demo-small', 'demo-small'));
      expect(answer.status).toBe(200);
      const direct = stream ? '"object":"chat.completion.chunk"' : '"object":"chat.completion"';
      expect(answer.text).toContain(direct);
      expect(Buffer.byteLength(answer.text)).toBe(wall.calls[0]?.bytesSent);
    },
  );

  it.each(
    dialects.flatMap((dialect) =>
      (
        [
          ['e500', 502, 'upstream_error'],
          ['e429', 429, 'rate_limit_exceeded'],
          ['e401', 502, 'upstream_auth_failed'],
          ['html200', 502, 'upstream_invalid_response'],
          ['empty200', 502, 'upstream_invalid_response'],
          ['redirect(http://127.0.0.1:1/x)', 502, 'upstream_redirect'],
        ] as const
      ).map(([fault, status, code]) => [dialect, fault, status, code] as const),
    ),
  )('%s %s is a %d %s', async (dialect, fault, status, code) => {
    const { url, witness } = await start(dialect);
    wall.breakWith(fault);
    for (const stream of [false, true]) {
      const answer = await chat(url, { model: `${dialect}/demo-small`, stream, ...question });
      expect([answer.status, codeOf(answer.text)]).toEqual([status, code]);
      expect(answer.text).not.toContain('127.0.0.1');
    }
    await checkInvariants();
    expect(witness.settlements.map((settlement) => settlement.error?.code)).toEqual([code, code]);
  });

  it.each(
    dialects.flatMap((dialect) =>
      (['rst_before_headers', 'rst_after_headers', 'comments_then_cut'] as const).map(
        (fault) => [dialect, fault] as const,
      ),
    ),
  )('%s %s before any output is an error status, not a broken 200', async (dialect, fault) => {
    const { url } = await start(dialect);
    for (const stream of [false, true]) {
      const answer = await chat(url, { model: `${dialect}/${fault}`, stream, ...question });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(['upstream_connection', 'upstream_error', 'upstream_truncated', 'upstream_timeout']).toContain(
        codeOf(answer.text),
      );
    }
  });

  it.each(dialects)('%s cut in the middle of a stream breaks the answer with an error frame', async (dialect) => {
    const { url, witness } = await start(dialect);
    const answer = await chat(url, { model: `${dialect}/cut(3)`, stream: true, ...question });
    expect([answer.status, answer.broken]).toEqual([200, true]);
    expect(codeOf(lastFrame(answer.text))).toBe('upstream_truncated');
    expect(answer.text).not.toContain('[DONE]');
    await checkInvariants();
    expect(witness.settlements[0]).toMatchObject({ status: 'upstream_truncated' });
  });

  it.each(dialects)('%s cut in the middle of a whole answer is an error status', async (dialect) => {
    const { url } = await start(dialect);
    const answer = await chat(url, { model: `${dialect}/cut(3)`, ...question });
    expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_connection']);
  });

  it.each(dialects)('%s stalled in the middle of a stream is given up, and its connection closed', async (dialect) => {
    const { url } = await start(dialect, { timeouts: { idle: '300ms' } });
    const answer = await chat(url, { model: `${dialect}/stall(3)`, stream: true, ...question });
    expect([answer.broken, codeOf(lastFrame(answer.text))]).toEqual([true, 'upstream_timeout']);
    await until(() => wall.stats().aborted === 1);
  });

  it.each(dialects)('%s silent is given up, and the connection of the proxy closed', async (dialect) => {
    const { url } = await start(dialect, { timeouts: { firstToken: '300ms' } });
    for (const stream of [false, true]) {
      const answer = await chat(url, { model: `${dialect}/nohdr`, stream, ...question });
      expect([answer.status, codeOf(answer.text)]).toEqual([504, 'upstream_timeout']);
    }
    await until(() => wall.stats().aborted === 2);
  });

  it.each(['gz', 'br', 'deflate', 'zstd'])('PT-11: an answer compressed with %s comes out plain', async (encoding) => {
    const { url } = await start('anthropic');
    for (const stream of [false, true]) {
      const answer = await chat(url, { model: `anthropic/demo-small+${encoding}`, stream, ...question });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-encoding')).toBeNull();
      expect(stream ? contentOf(answer.text) : JSON.parse(answer.text).choices[0].message.content).toBe(said);
    }
  });

  it("HC-19: none of the provider's own headers reaches the caller, and no request id of its", async () => {
    const { url, witness } = await start('openai');
    const answer = await chat(url, { model: 'openai/demo-small+headers_bad', ...question });
    expect(answer.status).toBe(200);
    const names = [...answer.headers.keys()].filter((name) => name !== 'connection' && name !== 'keep-alive').sort();
    expect(names).toEqual([
      'content-length',
      'content-type',
      'date',
      'x-gateway-attempts',
      'x-powered-by',
      'x-provider',
      'x-request-id',
    ]);
    expect(answer.headers.get('x-powered-by')).toBe('Express');
    expect(answer.headers.get('x-request-id')).toBe(witness.calls[0]?.id);
  });

  it.each(['nohdr', 'stall(3)', 'demo-small+slow(400)'])(
    'B10: a caller who leaves closes the upstream at once (%s)',
    async (model) => {
      const { url, witness } = await start('anthropic');
      for (let index = 0; index < 10; index += 1) {
        const socket = connectTo(url);
        socket.write(
          requestText(
            '/v1/chat/completions',
            JSON.stringify({ model: `anthropic/${model}`, stream: true, ...question }),
          ),
        );
        await until(() => wall.stats().open === 1);
        if (model === 'stall(3)') await once(socket, 'data');
        socket.destroy();
        await until(() => wall.stats().open === 0);
      }
      await checkInvariants();
      expect(witness.settlements.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'client_abort'));
      expect(witness.settled.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 'client_abort'));
    },
  );
});

describe('providerTranslate({forward: "next"}) in front of an own handler', () => {
  const anthropicAnswer = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'demo-small',
    content: [{ type: 'text', text: 'own' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 3, output_tokens: 1 },
  };
  const body = { model: 'anthropic/demo-small', ...question };

  it('shows it the request in the dialect of the provider, and translates what it sends', async () => {
    const seen: { url: string; body: unknown; key: unknown }[] = [];
    const { url, witness } = await start('anthropic', {
      handler: (request, response) => {
        seen.push({ url: request.url, body: request.body, key: request.headers['x-api-key'] });
        response.set('x-own', 'lost').json(anthropicAnswer);
      },
    });
    const answer = await chat(url, body);
    expect(JSON.parse(answer.text)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { content: 'own' } }],
    });
    expect(answer.headers.get('x-own')).toBeNull();
    expect(answer.headers.get('etag')).toBeNull();
    expect(seen).toEqual([
      {
        url: '/v1/messages',
        body: expect.objectContaining({ model: 'demo-small', max_tokens: expect.any(Number) }),
        key: 'provider-key-canary-0123456789',
      },
    ]);
    expect(witness.calls[0]?.head.headers['x-api-key']).toBeUndefined();
    expect(witness.calls[0]?.head.path).toBe('/v1/chat/completions');
  });

  it.each<[string, RequestHandler, number, string]>([
    [
      'throws',
      () => {
        throw new Error('canary in a stack');
      },
      502,
      'upstream_error',
    ],
    [
      'answers with a status of its own',
      (_request, response) => void response.status(503).send('down'),
      503,
      'upstream_overloaded',
    ],
    ['destroys the response', (_request, response) => void response.destroy(), 502, 'upstream_connection'],
    ['answers with nonsense', (_request, response) => void response.send('hello'), 502, 'upstream_invalid_response'],
    ['sends nothing', (_request, response) => void response.end(), 502, 'upstream_invalid_response'],
  ])('gives the caller an error of the catalogue when it %s', async (_what, handler, status, code) => {
    const { url, witness } = await start('anthropic', { handler });
    const answer = await chat(url, body);
    expect([answer.status, codeOf(answer.text)]).toEqual([status, code]);
    expect(answer.text).not.toContain('canary');
    await until(() => witness.settlements.length === 1);
  });

  it('waits for a handler that writes slowly, in any encoding, with callbacks', async () => {
    const frames = [
      ['message_start', { message: { ...anthropicAnswer, content: [], stop_reason: null } }],
      ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
      ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: '\u00fcber' } }],
      ['content_block_stop', { index: 0 }],
      ['message_delta', { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } }],
      ['message_stop', {}],
    ].map(([event, data]) => `event: ${event}\ndata: ${JSON.stringify({ type: event, ...(data as object) })}\n\n`);
    const { url } = await start('anthropic', {
      handler: (_request, response) => {
        response.writeHead(200, 'Fine', [['content-type', 'text/event-stream']] as never);
        const [first = '', second = '', ...rest] = frames;
        response.write(Buffer.from(first), () => {
          response.write(Buffer.from(second).toString('base64'), 'base64', () => {
            for (const frame of rest) response.write(frame);
            response.end();
          });
        });
      },
    });
    const answer = await chat(url, { ...body, stream: true });
    expect([answer.broken, contentOf(answer.text)]).toEqual([false, '\u00fcber']);
  });

  it('slows a fast handler down for a slow caller, and loses nothing', async () => {
    const piece = 'x'.repeat(8_000);
    const count = 2_000;
    let most = 0;
    const { url, witness } = await start('openai', {
      handler: async (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const send = async (delta: object, finish: string | null): Promise<void> => {
          const chunk = {
            id: 'c',
            object: 'chat.completion.chunk',
            created: 1,
            model: 'm',
            choices: [{ index: 0, delta, finish_reason: finish }],
          };
          if (!response.write(`data: ${JSON.stringify(chunk)}\n\n`)) await once(response, 'drain');
          most = Math.max(most, response.writableLength);
        };
        for (let index = 0; index < count; index += 1) await send({ content: piece }, null);
        await send({}, 'stop');
        response.end('data: [DONE]\n\n');
      },
    });
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'openai/m', stream: true, ...question }),
    });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(witness.settlements).toHaveLength(0);
    expect(most).toBeLessThan(1024 * 1024);
    const text = await response.text();
    expect(contentOf(text).length).toBe(piece.length * count);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('refuses what is mounted behind the hand-over, past what the handler would have written', async () => {
    const witness = createWitness();
    const runtime = countingRuntime();
    const { anthropic } = wallProviders(wall);
    const translate = () =>
      createProviderTranslate({ providers: { anthropic }, forward: 'next' }, { runtime, environment: {} });
    const express = express5();
    express.use(
      mount(witness.capability, { runtime }),
      mount(translate(), { runtime }),
      mount(translate(), { runtime }),
    );
    app = { ...(await listen(express)), witness, runtime };
    const answer = await chat(app.url, body);
    expect([answer.status, codeOf(answer.text)]).toEqual([500, 'wrong_mount']);
    expect(JSON.parse(answer.text).error.message).toMatch(/`providerTranslate`.*`providerTranslate`/);
    await checkInvariants();
    expect(witness.settlements[0]).toMatchObject({ status: 'failed', error: { code: 'wrong_mount' } });
  });
});
