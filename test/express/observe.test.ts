import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { pipeline, Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import compression from 'compression';
import express5, { type Express, type Request, type Response } from 'express';
import express4 from 'express4';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createAuth } from '../../src/auth/index.ts';
import { callOf } from '../../src/express/exchange.ts';
import { mount } from '../../src/express/mount.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { createWitness, type ListeningServer, listen, until, type Witness } from '../support/test-app.ts';
import { connectTo, parseResponse, rawRequest, requestText } from './support/raw-client.ts';

type Handler = (request: Request, response: Response) => unknown;

const key = 'caller-key-0123456789';
const path = '/v1/chat/completions';
const servers: ListeningServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(app: Express): Promise<string> {
  const server = await listen(app);
  servers.push(server);
  return server.url;
}

interface Observed {
  readonly url: string;
  readonly witness: Witness;
}

/** The handler behind a witness and `auth`. */
async function observed(handler: Handler, create: typeof express5 = express5): Promise<Observed> {
  const witness = createWitness();
  const app = create();
  app.use(mount(witness.capability), mount(createAuth({ keys: [{ key }] }, {})));
  app.all(path, handler);
  return { url: await serve(app), witness };
}

/** The handler alone. */
async function bare(handler: Handler, create: typeof express5 = express5): Promise<string> {
  const app = create();
  app.all(path, handler);
  return serve(app);
}

const ask = (method = 'POST', extra: Readonly<Record<string, string>> = {}): Buffer =>
  requestText(path, '{"model":"m"}', {
    method,
    headers: { connection: 'close', authorization: `Bearer ${key}`, ...extra },
  });

/** The bytes of an answer without what differs between any two: the date, and the id we add. */
function comparable(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/^date: .*\r\n/im, '')
    .replace(/^x-request-id: .*\r\n/im, '');
}

const chunkText = (delta: object, rest: object = {}): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null, ...rest }] })}\n\n`;
const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };
const stream = [
  chunkText({ role: 'assistant', content: 'h\u00e9llo' }),
  chunkText({}, { finish_reason: 'stop' }),
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [], usage })}\n\n`,
  'data: [DONE]\n\n',
];
const answer = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'h\u00e9llo' }, finish_reason: 'stop' }],
  usage,
};

const handlers: Readonly<Record<string, Handler>> = {
  'res.json': (_request, response) => response.json(answer),
  'res.send of a string': (_request, response) => response.type('text').send('h\u00e9llo'),
  'res.send of a buffer': (_request, response) => response.send(Buffer.from([0, 255, 1])),
  'res.sendStatus(204)': (_request, response) => response.sendStatus(204),
  'res.status(304).end': (_request, response) => response.status(304).set('etag', '"x"').end(),
  'a redirect': (_request, response) => response.redirect(307, '/elsewhere'),
  'writeHead with a status alone': (_request, response) => response.writeHead(201).end(),
  'writeHead with a reason': (_request, response) => response.writeHead(200, 'Fine').end('x'),
  'writeHead with headers': (_request, response) =>
    response.writeHead(202, { 'X-Own': 'a', 'set-cookie': ['a=1', 'b=2'] }).end('x'),
  'writeHead with reason and headers': (_request, response) =>
    response.writeHead(202, 'Fine', { 'content-length': 1 }).end('x'),
  'writeHead with a flat list': (_request, response) =>
    response.writeHead(200, ['X-Own', 'a', 'X-Other', 'b']).end('x'),
  'write before any head': (_request, response) => {
    response.write('a');
    response.end('b');
  },
  'writes in several encodings': (_request, response) => {
    response.write('aGk=', 'base64');
    response.write('6869', 'hex');
    response.write('h\u00e9', 'latin1');
    response.write(new Uint8Array([104, 105]));
    response.end('h\u00e9', 'utf8');
  },
  'writes with callbacks': (_request, response) => {
    response.write('a', () => {
      response.write('b', 'utf8', () => response.end('c', () => {}));
    });
  },
  'end with a callback alone': (_request, response) => {
    response.write('a');
    response.end(() => {});
  },
  'end twice': (_request, response) => {
    response.end('a');
    response.end();
  },
  flushHeaders: (_request, response) => {
    response.set('x-early', '1').flushHeaders();
    setImmediate(() => response.end('late'));
  },
  'early hints': (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    response.end('x');
  },
  trailers: (_request, response) => {
    response.writeHead(200, { trailer: 'X-Sum' });
    response.write('a');
    response.addTrailers({ 'X-Sum': '1' });
    response.end();
  },
  'corked writes': (_request, response) => {
    response.cork();
    response.write('a');
    response.write('b');
    response.uncork();
    response.end('c');
  },
  'a stream of events': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const frame of stream) response.write(frame);
    response.end();
  },
  'an error status': (_request, response) => response.status(500).json({ error: { message: 'x' } }),
};

describe("the app's own handler behind telemetry and auth", () => {
  const table = Object.entries(handlers).flatMap(([name, handler]) =>
    // Node itself refuses trailers on an answer without a body.
    (name === 'trailers' ? ['POST'] : ['POST', 'HEAD']).map((method) => [method, name, handler] as const),
  );

  it.each(table)('sends the very bytes it sends alone: %s, %s', async (method, name, handler) => {
    for (const create of [express5, express4]) {
      const { url, witness } = await observed(handler, create);
      const [alone, behind] = await Promise.all([
        rawRequest(await bare(handler, create), ask(method)),
        rawRequest(url, ask(method)),
      ]);
      expect(alone.bytes.length).toBeGreaterThan(20);
      expect(comparable(behind.bytes)).toBe(comparable(alone.bytes));
      expect(behind.ending).toBe(alone.ending);
      expect(/^x-request-id: (.*)\r\n/im.exec(behind.bytes.toString('latin1'))?.[1]).toBe(witness.calls[0]?.id);
      await until(() => witness.settlements.length === 1);
      expect(witness.settlements[0]?.status).toBe(name === 'an error status' ? 'upstream_error' : 'ok');
    }
  });

  it.each([
    ['whole', handlers['res.json'], {}],
    ['streamed', handlers['a stream of events'], {}],
    ['whole and compressed', handlers['res.json'], { 'accept-encoding': 'gzip' }],
    ['whole and compressed with brotli', handlers['res.json'], { 'accept-encoding': 'br' }],
  ] as const)('the usage of its answer is known: %s', async (_how, handler, headers) => {
    const witness = createWitness();
    const app = express5();
    app.use(mount(witness.capability), compression({ threshold: 0 }));
    app.post(path, handler ?? (() => {}));
    const { bytes } = await rawRequest(await serve(app), ask('POST', headers));
    expect(parseResponse(bytes).status).toBe(200);
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]).toMatchObject({
      status: 'ok',
      usage: { inputTokens: 12, outputTokens: 5 },
      usageSource: 'provider',
      finishReason: 'stop',
    });
  });

  it('runs the callbacks of writes, and returns what the response returns', async () => {
    const seen: unknown[] = [];
    const { url } = await observed((_request, response) => {
      seen.push(response.write('a', () => seen.push('written')));
      seen.push(response.writeHead !== undefined, response.end('b', () => seen.push('ended')) === response);
    });
    await rawRequest(url, ask());
    await until(() => seen.length === 5);
    expect(seen).toEqual([true, true, true, 'written', 'ended']);
  });

  it('waits for drain as it would alone: a slow caller gets every byte, and little is buffered', async () => {
    const size = 24 * 1024 * 1024;
    const block = Buffer.alloc(64 * 1024, 'abcdefgh');
    let buffered = 0;
    const { url, witness } = await observed((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': size });
      let sent = 0;
      pipeline(
        new Readable({
          read() {
            buffered = Math.max(buffered, response.writableLength);
            sent += block.length;
            this.push(sent <= size ? block : null);
          },
        }),
        response,
        () => {},
      );
    });
    const socket = connectTo(url);
    socket.write(ask());
    await once(socket, 'readable');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(buffered).toBeLessThan(1024 * 1024);
    const hash = createHash('sha256');
    let received = 0;
    let head = true;
    for await (const chunk of socket) {
      const body: Buffer = head ? chunk.subarray(chunk.indexOf('\r\n\r\n') + 4) : chunk;
      head = false;
      received += body.length;
      hash.update(body);
    }
    expect(received).toBe(size);
    const expected = createHash('sha256');
    for (let sent = 0; sent < size; sent += block.length) expected.update(block);
    expect(hash.digest('hex')).toBe(expected.digest('hex'));
    await until(() => witness.settlements.length === 1);
  });

  const partial: Handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(stream[0] ?? '');
  };

  it.each<[string, Handler, string]>([
    [
      'the handler ends without the end marker',
      (request, response) => {
        partial(request, response);
        response.end();
      },
      'upstream_truncated',
    ],
    [
      'the handler destroys the response',
      (request, response) => {
        partial(request, response);
        setTimeout(() => response.destroy(), 20);
      },
      'upstream_truncated',
    ],
  ])('settles as broken when %s', async (_what, handler, status) => {
    const { url, witness } = await observed(handler);
    await rawRequest(url, ask());
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]).toMatchObject({ status, httpStatus: 200 });
  });

  it.each<[string, Handler]>([
    ['before the answer', () => {}],
    ['in the middle of a stream', partial],
  ])('settles as client_abort when the caller leaves %s', async (_when, handler) => {
    const { url, witness } = await observed(handler);
    const socket = connectTo(url);
    socket.write(ask());
    await until(() => witness.calls.length === 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]).toMatchObject({ status: 'client_abort' });
  });

  it("leaves other people's wrappers in place when a reply of ours takes the answer over", async () => {
    const witness = createWitness();
    const refuses = createAuth({ keys: [{ key }] }, {});
    const seen: string[] = [];
    const app = express5();
    app.use(mount(witness.capability));
    app.use((_request, response, next) => {
      const { end, writeHead } = response;
      Object.assign(response, {
        writeHead(...head: unknown[]): unknown {
          seen.push('writeHead');
          response.setHeader('x-added', 'yes');
          return Reflect.apply(writeHead, response, head);
        },
        end(...last: unknown[]): unknown {
          seen.push('end');
          return Reflect.apply(end, response, last);
        },
      });
      next();
    });
    app.use(mount(refuses));
    const { bytes } = await rawRequest(await serve(app), ask('POST', { authorization: 'Bearer wrong-key-0123456789' }));
    expect(parseResponse(bytes)).toMatchObject({ status: 401, headers: { 'x-added': 'yes' } });
    expect(seen).toEqual(['writeHead', 'end']);
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]).toMatchObject({ status: 'rejected', error: { code: 'invalid_api_key' } });
  });

  it('names the call to the app', async () => {
    const { url, witness } = await observed((request, response) => response.json({ id: callOf(request)?.id }));
    const { bytes } = await rawRequest(url, ask('POST', { 'x-request-id': 'caller-chose-this' }));
    expect(parseResponse(bytes).body.toString()).toBe('{"id":"caller-chose-this"}');
    expect(witness.calls[0]?.id).toBe('caller-chose-this');
  });

  it('breaks nothing when the observer cannot make sense of the answer', async () => {
    const nonsense = Buffer.concat([Buffer.from('data: {"choices":'), Buffer.alloc(3e6, '['), Buffer.from('\n\n')]);
    const { url } = await observed((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': nonsense.length });
      response.write(nonsense.subarray(0, 100));
      response.end(nonsense.subarray(100));
    });
    const { bytes } = await rawRequest(url, ask());
    expect(parseResponse(bytes).body.equals(nonsense)).toBe(true);
  });
});

describe("the app's own proxy behind telemetry and auth", () => {
  let wall: FakeProvider;
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
    await wall.whenIdle();
    wall.reset();
  });

  const proxy = (): Handler => {
    const forward = createProxyMiddleware({ target: wall.url, changeOrigin: true });
    return (request, response) => forward(request, response, () => {});
  };
  const question = { messages: [{ role: 'user', content: 'write 6 words' }] };
  const askFor = (body: object, extra: Readonly<Record<string, string>> = {}): Buffer =>
    requestText(path, JSON.stringify({ ...question, ...body }), {
      headers: { connection: 'close', authorization: `Bearer ${key}`, ...extra },
    });

  /** Ids and times differ from answer to answer. */
  const normal = (bytes: Buffer): string =>
    comparable(bytes)
      .replace(/chatcmpl-\w+|req_\w+/g, 'id')
      .replace(/"created":\d+/g, '"created":0');

  it.each([
    ['a whole answer', { model: 'demo-small' }, {}],
    ['a stream', { model: 'demo-small', stream: true, stream_options: { include_usage: true } }, {}],
    ['a compressed answer', { model: 'demo-small+gz' }, { 'accept-encoding': 'gzip' }],
    ['a refusal', { model: 'e429' }, {}],
    ['a failure', { model: 'e503', stream: true }, {}],
    ['a page', { model: 'html200' }, {}],
  ])('passes on the very bytes it passes on alone: %s', async (_what, body, extra) => {
    const { url, witness } = await observed(proxy());
    // The same answer twice: everything random in it follows from the seed.
    const alone = await rawRequest(await bare(proxy()), askFor(body, extra));
    wall.reset();
    const behind = await rawRequest(url, askFor(body, extra));
    expect(normal(behind.bytes)).toBe(normal(alone.bytes));
    expect(behind.ending).toBe(alone.ending);
    await until(() => witness.settlements.length === 1);
    const served = parseResponse(behind.bytes).status === 200 && !('html200' === body.model);
    expect(witness.settlements[0]?.usageSource).toBe(served ? 'provider' : 'none');
  });

  it('waits for nothing: each token passes when it comes', async () => {
    const { url } = await observed(proxy());
    const socket = connectTo(url);
    socket.write(askFor({ model: 'pace(40)', stream: true }));
    const arrivals: number[] = [];
    for await (const chunk of socket) if (String(chunk).includes('word')) arrivals.push(performance.now());
    const gaps = arrivals.slice(1).map((at, index) => at - (arrivals[index] ?? at));
    expect(gaps.filter((gap) => gap > 20).length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['cut(2)', 'upstream_truncated'],
    ['clean_eof(2)', 'upstream_truncated'],
    ['inband_error(2)', 'upstream_error'],
  ])('settles a stream that ends as %s as %s', async (model, status) => {
    const { url, witness } = await observed(proxy());
    await rawRequest(url, askFor({ model, stream: true }));
    await until(() => witness.settlements.length === 1);
    expect(witness.settlements[0]?.status).toBe(status);
  });

  it('closes the upstream when the caller leaves, and says that it was the caller', async () => {
    const { url, witness } = await observed(proxy());
    const socket = connectTo(url);
    socket.write(askFor({ model: 'stall(2)', stream: true }));
    await once(socket, 'data');
    socket.destroy();
    await until(() => wall.stats().aborted === 1 && witness.settlements.length === 1);
    expect(witness.settlements[0]?.status).toBe('client_abort');
  });
});
