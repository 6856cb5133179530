import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import compression from 'compression';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { SseDecoder } from '../../src/wire/sse-decoder.ts';
import { modelAt, playedDialects, providersByDialect } from '../../verify/harness/providers.ts';
import {
  chat,
  type GatewayApp,
  type GatewayAppOptions,
  startGatewayApp,
  until,
  wallProviders,
} from '../support/test-app.ts';
import { startExpressApp } from './support/apps.ts';
import { connectTo, dechunk, parseResponse, requestText } from './support/raw-client.ts';

const messages = [{ role: 'user', content: 'write 12 words' }];
const megabyte = 1024 * 1024;

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

async function start(options: Partial<GatewayAppOptions> = {}): Promise<GatewayApp> {
  app = await startGatewayApp({
    providers: { ...wallProviders(wall), ...providersByDialect(wall) },
    walls: [wall],
    retries: 0,
    ...options,
  });
  return app;
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: Readonly<Record<string, unknown>>;
    readonly finish_reason: string | null;
  }[];
  readonly error?: { readonly code: string };
}

/** What a spec-conform parser sees: data of each frame, and whether the end marker came last and once. */
function framesOf(text: string): { readonly chunks: readonly Chunk[]; readonly done: number } {
  const data: string[] = [];
  const decoder = new SseDecoder((frame) => {
    if (frame.data !== undefined) data.push(frame.data);
  });
  decoder.push(Buffer.from(text));
  return {
    chunks: data.filter((one) => one !== '[DONE]').map((one) => JSON.parse(one)),
    done: data.filter((one) => one === '[DONE]').length,
  };
}

const codeOf = (text: string): string => JSON.parse(text).error.code;
const contentOf = (chunks: readonly Chunk[]): string =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');

describe('answers that are too much', () => {
  it.each(playedDialects.flatMap((name) => [false, true].map((stream) => [name, stream] as const)))(
    'PT-24: %s nested 10,000 deep (stream: %p) is a 502',
    async (name, stream) => {
      const { url } = await start();
      const answer = await chat(url, { model: modelAt(name, 'deep'), stream, messages });
      expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_invalid_response']);
    },
  );

  it('PT-24: a caller who asked for a stream of a provider that answers whole is no better off', async () => {
    const { url } = await start();
    const deep = `{"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`;
    wall.script({ body: deep });
    const answer = await chat(url, { model: 'openai/demo-small', stream: true, messages });
    expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_invalid_response']);
  });

  it.each(playedDialects.flatMap((name) => (['longline', 'bomb'] as const).map((fault) => [name, fault] as const)))(
    'PT-14: 256 MB of one line from %s (%s) are given up at a megabyte, and little memory is spent',
    async (name, fault) => {
      const { url } = await start();
      const before = process.memoryUsage();
      const answer = await chat(url, { model: modelAt(name, fault), stream: true, messages });
      const after = process.memoryUsage();
      expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_invalid_response']);
      expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * megabyte);
      await wall.whenIdle();
      expect(wall.stats().aborted).toBe(1);
      expect(wall.stats().bytesSent).toBeLessThan(8 * megabyte);
    },
  );

  it('PT-14: a line without end behind the first output breaks the stream with an error frame', async () => {
    const { url } = await start();
    const opening =
      'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":null}]}\n\n';
    wall.script({
      headers: { 'content-type': 'text/event-stream' },
      body: [opening, `data: ${'x'.repeat(2 * megabyte)}`],
    });
    const answer = await chat(url, { model: 'openai/demo-small', stream: true, messages });
    expect([answer.status, answer.broken]).toEqual([200, true]);
    const { chunks, done } = framesOf(answer.text);
    expect([contentOf(chunks.slice(0, 1)), chunks.at(-1)?.error?.code, done]).toEqual([
      'hi',
      'upstream_invalid_response',
      0,
    ]);
    expect(answer.text.length).toBeLessThan(2_000);
  });

  it.each(['bomb(100)', 'longline'])('a whole answer beyond all measure (%s) is given up at 64 MB', async (fault) => {
    const { url } = await start();
    const answer = await chat(url, { model: `anthropic/${fault}`, messages });
    expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_invalid_response']);
    await wall.whenIdle();
    expect(wall.stats().bytesSent).toBeLessThan(80 * megabyte);
  });

  it('an error answer beyond all measure is read to a bound', async () => {
    const { url } = await start();
    wall.script({
      status: 500,
      body: ['{"error":{"message":"', ...Array.from({ length: 64 }, () => 'x'.repeat(64 * 1024))],
    });
    const answer = await chat(url, { model: 'openai/demo-small', messages });
    expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_error']);
    expect(answer.text.length).toBeLessThan(2_000);
  });
});

describe('what a provider says of itself', () => {
  it.each(playedDialects)(
    'HC-19: a bare CR in a header of %s is an unreadable answer, no header of ours',
    async (name) => {
      const { url } = await start();
      for (const stream of [false, true]) {
        const answer = await chat(url, { model: modelAt(name, 'headers_crlf'), stream, messages });
        expect([answer.status, codeOf(answer.text)]).toEqual([502, 'upstream_invalid_response']);
        expect(answer.headers.get('set-cookie')).toBeNull();
      }
    },
  );

  it('names dropped parameters however the caller spelt them, in a header that can be sent', async () => {
    const { url } = await start();
    const odd = { 'a\r\nset-cookie: b': 1, '\u4e2d\u6587': 2, 'caf\u00e9': 3, '\u0000': 4 };
    for (const name of ['anthropic', 'gemini']) {
      for (const stream of [false, true]) {
        const answer = await chat(url, { model: `${name}/demo-small`, stream, messages, ...odd });
        expect([answer.status, answer.broken]).toEqual([200, false]);
        expect(answer.headers.get('x-gateway-dropped-params')).toContain('a??set-cookie: b');
        expect(answer.headers.get('set-cookie')).toBeNull();
      }
    }
  });
});

const nasty = [
  'a\n\nb\rc\r\n\r\n',
  'data: [DONE]\n\n',
  'event: error\ndata: {}\n\n',
  '\u2028\u2029',
  '\u0000\u001b[31m',
  '"}]}\\',
  '\ud83d\ude00\u0301',
  '\ufeff',
];

describe('PT-04: nasty text', () => {
  const places = playedDialects.flatMap((name) => [false, true].map((stream) => [name, stream] as const));

  it.each(places)('of %s arrives to the letter in text and reasoning (stream: %p)', async (name, stream) => {
    const { url } = await start();
    const reasoning = name === 'openai-chat' ? undefined : nasty.join('|');
    wall.script({ text: nasty, ...(reasoning !== undefined && { reasoning }) });
    const answer = await chat(url, { model: modelAt(name), stream, messages });
    if (stream) {
      const { chunks, done } = framesOf(answer.text);
      expect([contentOf(chunks), done, answer.broken]).toEqual([nasty.join(''), 1, false]);
      const thought = chunks.map((chunk) => chunk.choices[0]?.delta.reasoning_content ?? '').join('');
      expect(thought).toBe(reasoning ?? '');
    } else {
      const { message } = JSON.parse(answer.text).choices[0];
      expect([message.content, message.reasoning_content]).toEqual([nasty.join(''), reasoning]);
    }
  });

  it.each(places)('of %s arrives to the letter in the arguments of a tool call (stream: %p)', async (name, stream) => {
    const { url } = await start();
    wall.script({ toolCalls: [{ name: 'get_weather', arguments: { city: nasty.join('') } }] });
    const tools = [
      {
        type: 'function',
        function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
      },
    ];
    const answer = await chat(url, { model: modelAt(name), stream, messages, tools });
    const calls: { function?: { name?: string; arguments?: string } }[] = stream
      ? framesOf(answer.text).chunks.flatMap((chunk) => (chunk.choices[0]?.delta.tool_calls as never) ?? [])
      : JSON.parse(answer.text).choices[0].message.tool_calls;
    const text = calls.map((call) => call.function?.arguments ?? '').join('');
    expect(JSON.parse(text)).toEqual({ city: nasty.join('') });
    if (stream) expect(framesOf(answer.text).done).toBe(1);
  });

  it('in ids and model names of a provider makes no frame of its own', async () => {
    const { url } = await start();
    for (const bad of nasty) {
      const chunk = (delta: object, finish: string | null): string =>
        `data: ${JSON.stringify({ id: bad, object: 'chat.completion.chunk', created: 1, model: bad, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
      const body = `${chunk({ role: 'assistant', content: 'hi' }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`;
      wall.script({ headers: { 'content-type': 'text/event-stream' }, body });
      const { chunks, done } = framesOf((await chat(url, { model: 'openai/demo-small', stream: true, messages })).text);
      expect([contentOf(chunks), done]).toEqual(['hi', 1]);
    }
  });

  it.each(playedDialects)(
    'in an error of %s, before output and inside the stream, stays inside its error',
    async (name) => {
      const { url } = await start();
      for (const bad of nasty) {
        wall.script({
          status: 400,
          body: JSON.stringify({
            error: { message: `canary ${bad}`, type: 'invalid_request_error', code: 400, status: 'INVALID_ARGUMENT' },
          }),
        });
        const answer = await chat(url, { model: modelAt(name), stream: true, messages });
        expect([answer.status, codeOf(answer.text)]).toEqual([400, 'invalid_request']);
        expect(JSON.parse(answer.text).error.message).toContain('canary');
      }
    },
  );
});

describe('PT-12, PT-15: a stream flows', () => {
  it.each(['openai', 'anthropic', 'gemini'])(
    'each token of %s before the next is sent, behind compression() and for a caller who takes gzip',
    async (name) => {
      const express = await startExpressApp(wall, { before: [compression({ threshold: 0 })] });
      /** By how many words the provider was ahead when a word arrived. */
      const ahead: number[] = [];
      const socket = connectTo(express.url);
      const body = JSON.stringify({ model: `${name}/pace(40)`, stream: true, messages });
      socket.write(
        requestText('/v1/chat/completions', body, { headers: { 'accept-encoding': 'gzip, br', connection: 'close' } }),
      );
      let text = '';
      for await (const chunk of socket) {
        text += String(chunk);
        const count = (text.match(/word\d+/g) ?? []).length;
        const sent = wall.calls[0]?.contentChunks ?? 0;
        while (ahead.length < count) ahead.push(sent - ahead.length - 1);
      }
      expect(ahead).toHaveLength(12);
      // A busy machine may be late by one and by another on the way; what holds tokens back is ahead by all of them.
      expect(Math.max(...ahead)).toBeLessThan(4);
      const { headers } = parseResponse(Buffer.from(text));
      expect(headers).toMatchObject({
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
      });
      expect(headers['content-encoding']).toBeUndefined();
      expect(wall.calls[0]?.headers['accept-encoding']).toBe('identity');
      await express.close();
    },
  );

  it('a whole answer may be compressed by the app', async () => {
    const express = await startExpressApp(wall, { before: [compression({ threshold: 0 })] });
    const response = await fetch(`${express.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'openai/demo-small', messages }),
    });
    expect(response.headers.get('content-encoding')).not.toBeNull();
    expect(await response.json()).toMatchObject({ object: 'chat.completion' });
    await express.close();
  });
});

describe('pass-through', () => {
  const splits = ['demo-small', 'split(1)', 'split(7)', 'split(64)', 'split(1000)'];

  it.each(splits)('answers reach the caller to the byte, however the network cuts them (%s)', async (model) => {
    const { url } = await start();
    const usageFrame =
      'data: {"id":"c","object":"chat.completion.chunk","choices":[],"usage":{"prompt_tokens":12345678901234567890,"completion_tokens":1.0,"total_tokens":3}}\r\n\r\n';
    const before =
      ': a comment\n\n' +
      'data: {"id":"c", "object":"chat.completion.chunk","x_new":[1.0,12345678901234567890],"choices":[{"index":0,"delta":{"content":"\\u00e9\ud83d\ude00"},"finish_reason":null}]}\n\n' +
      'event: message\rdata: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\u00fc"},"finish_reason":null}],"usage":null}\r\r' +
      'id: 7\nretry: 10\ndata:{"id":"c","object":"chat.completion.chunk",\ndata:"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n';
    const done = 'data: [DONE]\n\n';
    for (const asked of [false, true]) {
      wall.script({ headers: { 'content-type': 'text/event-stream' }, body: before + usageFrame + done });
      const body = {
        model: `openai/${model}`,
        stream: true,
        messages,
        ...(asked && { stream_options: { include_usage: true } }),
      };
      const socket = connectTo(url);
      socket.write(requestText('/v1/chat/completions', JSON.stringify(body), { headers: { connection: 'close' } }));
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      const { content, complete } = dechunk(parseResponse(Buffer.concat(chunks)).body);
      expect(content.toString()).toBe(before + (asked ? usageFrame : '') + done);
      expect(complete).toBe(true);
    }
  });

  it.each(splits)('a whole answer too (%s)', async (model) => {
    const { url, witness } = await start();
    const body =
      '{ "id":"c","object":"chat.completion", "x_new":[1.0,12345678901234567890],\n"choices":[{"index":0,"message":{"role":"assistant","content":"\\u00e9\ud83d\ude00"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3} }\n';
    wall.script({ body });
    const answer = await chat(url, { model: `openai/${model}`, messages });
    expect(answer.text).toBe(body);
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]).toMatchObject({ usage: { inputTokens: 1, outputTokens: 2 }, finishReason: 'stop' });
  });

  it('a whole answer beyond the size that is joined with the head too', async () => {
    const { url } = await start();
    const body = JSON.stringify({
      id: 'c',
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: '\ud83d\ude00\u00e9'.repeat(40_000) },
          finish_reason: 'stop',
        },
      ],
    });
    wall.script({ body });
    expect((await chat(url, { model: 'openai/demo-small', messages })).text).toBe(body);
  });

  it("the caller's bytes reach the provider but for what is the gateway's", async () => {
    const { url } = await start();
    const rest = `"messages" : [ {"role":"user","content":"\\u0000\\ud83d\\ude00 caf\u00e9"} ],\t"temperature":1.0`;
    const cases = [
      [`{"model":"openai/demo-small",${rest}}`, `{"model":"demo-small",${rest}}`],
      [`{${rest},"model" :  "openai/demo-small" }`, `{${rest},"model" :  "demo-small" }`],
      [`{"fallback":[],"model":"openai/demo-small",${rest}}`, `{"model":"demo-small",${rest}}`],
      [`{"model":"openai/demo-small","options":{"max_latency_ms":9000},${rest}}`, `{"model":"demo-small",${rest}}`],
      [`{"model":"openai/demo-small",${rest},"fallbacks":["gemini/demo-small"]}`, `{"model":"demo-small",${rest}}`],
      [
        `{"model":"openai/demo-small",${rest},"stream":true}`,
        `{"model":"demo-small",${rest},"stream":true,"stream_options":{"include_usage":true}}`,
      ],
      [
        `{"model":"openai/demo-small",${rest},"stream":true,"stream_options":{"include_usage":false}}`,
        `{"model":"demo-small",${rest},"stream":true,"stream_options":{"include_usage":true}}`,
      ],
      [
        `{"model":"openai/demo-small",${rest},"stream":true,"stream_options": {"include_usage":true } }`,
        `{"model":"demo-small",${rest},"stream":true,"stream_options": {"include_usage":true } }`,
      ],
    ] as const;
    for (const [sent, expected] of cases) {
      wall.reset();
      expect((await chat(url, sent)).status).toBe(200);
      expect(wall.calls[0]?.body.toString()).toBe(expected);
    }
  });

  it('a key sent twice is not passed on as it was sent', async () => {
    const { url } = await start();
    const twice = '{"model":"openai/demo-small","messages":[],"messages":[{"role":"user","content":"hi"}]}';
    expect((await chat(url, twice)).status).toBe(200);
    expect(wall.calls[0]?.body.toString().match(/"messages"/g)).toHaveLength(1);
  });
});
