import { afterEach, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { endpointProviders } from '../support/endpoint-providers.ts';
import { type GatewayApp, type GatewayAppOptions, startGatewayApp, until } from '../support/test-app.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: {
    readonly data: readonly { readonly index: number; readonly embedding: readonly number[] | string }[];
    readonly model: string;
    readonly usage: { readonly prompt_tokens: number } | null;
    readonly error?: { readonly code: string; readonly param: string | null; readonly message: string };
  };
}

let app: GatewayApp | undefined;
let wall: FakeProvider;

afterEach(async () => {
  await app?.checkInvariants();
  await app?.close();
  await wall.close();
});

async function start(options: Partial<GatewayAppOptions> = {}): Promise<GatewayApp> {
  wall = await startFakeProvider();
  app = await startGatewayApp({ path: '/', retries: 0, providers: endpointProviders(wall), walls: [wall], ...options });
  return app;
}

async function embed(
  { url }: GatewayApp,
  body: object,
  path = '/v1/embeddings',
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });
  return { status: response.status, headers: response.headers, json: (await response.json()) as Answer['json'] };
}

function numbersOf(answer: Answer): readonly (readonly number[])[] {
  return answer.json.data.map(({ embedding }) => (typeof embedding === 'string' ? floats(embedding) : embedding));
}

function floats(base64: string): readonly number[] {
  const bytes = Buffer.from(base64, 'base64');
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

/** Models by provider, with the length of their vectors, how many inputs a request holds, and whether it counts tokens. */
const models = [
  ['openai/text-embedding-3-small', { length: 1536, inputs: 2048, counts: true, shortens: true }],
  ['azure/text-embedding-3-small', { length: 1536, inputs: 2048, counts: true, shortens: true }],
  ['gemini/gemini-embedding-001', { length: 3072, inputs: 100, counts: false, shortens: true }],
  ['vertex/text-embedding-005', { length: 768, inputs: 250, counts: true, shortens: true }],
  ['vertex/gemini-embedding-001', { length: 768, inputs: 1, counts: true, shortens: true }],
  ['vertex/gemini-embedding-2', { length: 3072, inputs: 1, counts: true, shortens: true }],
  ['mistral/mistral-embed', { length: 1536, inputs: 256, counts: true, shortens: false }],
  ['mistral/codestral-embed', { length: 1536, inputs: 256, counts: true, shortens: true }],
  ['cohere/embed-v4.0', { length: 1536, inputs: 96, counts: true, shortens: true }],
  ['cohere/embed-english-v3.0', { length: 1536, inputs: 96, counts: true, shortens: false }],
  ['bedrock/amazon.titan-embed-text-v2:0', { length: 1024, inputs: 1, counts: true, shortens: true }],
  ['bedrock/amazon.titan-embed-text-v1', { length: 1024, inputs: 1, counts: true, shortens: false }],
  ['bedrock/amazon.nova-2-multimodal-embeddings-v1:0', { length: 3072, inputs: 1, counts: false, shortens: true }],
  ['bedrock/cohere.embed-english-v3', { length: 1024, inputs: 96, counts: false, shortens: false }],
  ['ollama/nomic-embed-text', { length: 768, inputs: 9999, counts: true, shortens: true }],
  ['together/intfloat/multilingual-e5-large-instruct', { length: 1536, inputs: 9999, counts: true, shortens: false }],
  ['hugging-face/BAAI/bge-m3', { length: 384, inputs: 9999, counts: false, shortens: false }],
  ['vllm/bge-m3', { length: 1536, inputs: 9999, counts: true, shortens: true }],
  ['local/bge-m3', { length: 1536, inputs: 9999, counts: true, shortens: true }],
] as const;

describe.each(models)('A8: embeddings of %s', (model, expected) => {
  it('come in order, as floats and as base64 alike, with usage where it is counted', async () => {
    const gateway = await start();
    const input = ['first text', 'second text', 'third'];
    const asFloats = await embed(gateway, { model, input });
    const asBase64 = await embed(gateway, { model, input, encoding_format: 'base64' });
    expect([asFloats.status, asBase64.status]).toEqual([200, 200]);
    expect(asFloats.json.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(asBase64.json.data.every(({ embedding }) => typeof embedding === 'string')).toBe(true);
    expect(asFloats.json.data.every(({ embedding }) => Array.isArray(embedding))).toBe(true);
    expect(numbersOf(asFloats)).toEqual(numbersOf(asBase64));
    expect(numbersOf(asFloats).map((vector) => vector.length)).toEqual(Array(3).fill(expected.length));
    expect(asFloats.json.usage).toEqual(expected.counts ? { prompt_tokens: 8, total_tokens: 8 } : null);
    expect(gateway.witness.settlements[0]).toMatchObject({
      status: 'ok',
      usageSource: expected.counts ? 'provider' : 'none',
    });
    // Each by itself is what it was among the others.
    const alone = await embed(gateway, { model, input: 'second text' });
    expect(numbersOf(alone)[0]).toEqual(numbersOf(asFloats)[1]);
    expect(wall.calls.every(({ refusal }) => refusal === undefined)).toBe(true);
    expect(wall.calls.every(({ operation }) => operation === 'embeddings')).toBe(true);
  });

  it('can be shortened to vectors of length 1, or the parameter is reported', async () => {
    const answer = await embed(await start(), { model, input: 'a text', dimensions: 16 });
    const [vector = []] = numbersOf(answer);
    expect(vector).toHaveLength(expected.shortens ? 16 : expected.length);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(answer.headers.get('x-gateway-dropped-params')).toBe(expected.shortens ? null : 'dimensions');
  });

  it('are asked for in as many requests as the provider wants', async () => {
    const gateway = await start();
    const count = 110;
    const answer = await embed(gateway, {
      model,
      input: Array.from({ length: count }, (_, index) => `text ${index}`),
      encoding_format: 'base64',
    });
    expect(answer.status).toBe(200);
    expect(answer.json.data).toHaveLength(count);
    expect(wall.calls).toHaveLength(Math.ceil(count / expected.inputs));
    expect(answer.headers.get('x-gateway-attempts')).toBe('1');
    expect(gateway.witness.settled).toHaveLength(1);
    const alone = await embed(gateway, { model, input: 'text 107', encoding_format: 'base64' });
    expect(answer.json.data[107]?.embedding).toBe(alone.json.data[0]?.embedding);
  });
});

describe('A8: embeddings', () => {
  it('go through as they were sent where both sides speak the same', async () => {
    const gateway = await start();
    const body = '{ "input" : ["a",  "b"], "model":"openai/text-embedding-3-small" ,"encoding_format":"base64"}';
    await embed(gateway, {}, '/v1/embeddings', { body });
    expect(wall.calls[0]?.body.toString()).toBe(body.replace('openai/text', 'text'));
  });

  it("tell the gateway's own options from Ollama's", async () => {
    const gateway = await start();
    const model = 'ollama/nomic-embed-text';
    await embed(gateway, { model, input: 'a', options: { max_latency_ms: 5000 }, fallback: [] }, '/api/embed');
    await embed(gateway, { model, input: 'a', options: { max_latency_ms: 5000, num_ctx: 8 } }, '/api/embed');
    expect(wall.calls.map(({ json }) => json)).toEqual([
      { model: 'nomic-embed-text', input: 'a' },
      { model: 'nomic-embed-text', input: 'a', options: { max_latency_ms: 5000, num_ctx: 8 } },
    ]);
  });

  it.each([
    ['vllm/bge-m3', true],
    ['openai/text-embedding-3-small', true],
    ['mistral/mistral-embed', false],
    ['gemini/gemini-embedding-001', false],
    ['cohere/embed-v4.0', false],
  ])('token ids reach %s: %j', async (model, takes) => {
    const answer = await embed(await start(), { model, input: [[1, 2, 3], [4]] });
    expect(answer.status).toBe(takes ? 200 : 400);
    expect(answer.json.error?.param).toBe(takes ? undefined : 'input');
    if (takes) expect(answer.json.data).toHaveLength(2);
    else expect(answer.json.error?.code).toBe('unsupported_parameter');
  });

  it('B11: a target that cannot take the request is passed over', async () => {
    const gateway = await start({
      models: {
        vectors: { targets: ['anthropic/claude-sonnet-4-5', 'mistral/mistral-embed', 'openai/text-embedding-3-small'] },
      },
    });
    const answer = await embed(gateway, { model: 'vectors', input: [1, 2, 3] });
    expect([answer.status, answer.headers.get('x-provider'), answer.headers.get('x-gateway-attempts')]).toEqual([
      200,
      'openai',
      '1',
    ]);
  });

  it('says so when a provider gives none', async () => {
    const answer = await embed(await start(), { model: 'anthropic/claude-sonnet-4-5', input: 'a' });
    expect([answer.status, answer.json.error?.param]).toEqual([400, 'model']);
    expect(answer.json.error?.message).toContain('anthropic/claude-sonnet-4-5');
  });

  it('A14: refuses what would be dropped in strict mode', async () => {
    const gateway = await start({ unsupported: 'reject' });
    const answer = await embed(gateway, { model: 'mistral/mistral-embed', input: 'a', dimensions: 8 });
    expect([answer.status, answer.json.error?.code, answer.json.error?.param]).toEqual([
      400,
      'unsupported_parameter',
      'dimensions',
    ]);
    expect(wall.calls).toHaveLength(0);
  });

  it('tells a query from a document where the model does', async () => {
    const gateway = await start();
    await embed(gateway, { model: 'cohere/embed-v4.0', input: 'a' });
    await embed(gateway, { model: 'cohere/embed-v4.0', input: 'a', input_type: 'query' });
    await embed(gateway, { model: 'gemini/gemini-embedding-001', input: 'a', input_type: 'search_query' });
    expect(wall.calls.map(({ json }) => JSON.stringify(json).match(/search_\w+|RETRIEVAL_\w+/)?.[0])).toEqual([
      'search_document',
      'search_query',
      'RETRIEVAL_QUERY',
    ]);
  });

  it('a failed batch moves to the next target, and its other requests are ended', async () => {
    const gateway = await start({
      models: { vectors: { targets: ['bedrock/amazon.titan-embed-text-v2:0', 'openai/text-embedding-3-small'] } },
    });
    wall.breakWith('slow(300)');
    let served = 0;
    const timer = setInterval(() => {
      if (wall.calls.length < 8 || served > 0) return;
      served = wall.calls.length;
      wall.breakWith('e503');
    }, 5);
    const input = Array.from({ length: 40 }, (_, index) => `text ${index}`);
    const pending = embed(gateway, { model: 'vectors', input });
    await until(() => wall.calls.length > 8);
    wall.heal();
    const answer = await pending;
    clearInterval(timer);
    expect([answer.status, answer.headers.get('x-provider'), answer.json.data.length]).toEqual([200, 'openai', 40]);
    expect(wall.calls.length).toBeLessThan(40);
    expect(gateway.witness.settled.map(({ status, httpStatus }) => [status, httpStatus])).toEqual([
      ['upstream_error', 503],
      ['ok', 200],
    ]);
  });

  it('PT-20: the waiting time of one request of several is that of the whole', async () => {
    const gateway = await start();
    wall.breakWith('retryafter(70)');
    const answer = await embed(gateway, { model: 'bedrock/amazon.titan-embed-text-v2:0', input: ['a', 'b', 'c'] });
    expect([answer.status, answer.json.error?.code]).toEqual([429, 'rate_limit_exceeded']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(60);
  });

  it('B10: a caller who goes ends every request of its batch', async () => {
    const gateway = await start();
    wall.breakWith('nohdr');
    const controller = new AbortController();
    const pending = embed(gateway, {}, '/v1/embeddings', {
      body: JSON.stringify({ model: 'bedrock/amazon.titan-embed-text-v2:0', input: Array(30).fill('x') }),
      signal: controller.signal,
    });
    await until(() => wall.calls.length === 8);
    controller.abort();
    await expect(pending).rejects.toThrow();
    await wall.whenIdle();
    expect(wall.calls.map(({ outcome }) => outcome)).toEqual(Array(8).fill('aborted'));
    await until(() => gateway.witness.settlements.length === 1);
    expect(gateway.witness.settlements[0]?.status).toBe('client_abort');
  });

  it('B4: a batch of which one request stalls ends with its deadline', async () => {
    const gateway = await start();
    wall.breakWith('stall(0)');
    const startedAt = performance.now();
    const answer = await embed(gateway, {
      model: 'bedrock/amazon.titan-embed-text-v2:0',
      input: ['a', 'b'],
      options: { max_latency_ms: 400 },
    });
    expect(answer.status).toBe(504);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    await wall.whenIdle();
  });

  it.each([
    'clean_eof(0)',
    'json_cut',
    'html200',
    'empty200',
    'inband_error(0)',
    'cut(0)',
    'e500',
    'rst_before_headers',
  ])('%s is a failure of the provider, in one request and in several', async (fault) => {
    const gateway = await start();
    wall.breakWith(fault);
    for (const model of ['openai/text-embedding-3-small', 'bedrock/amazon.titan-embed-text-v2:0']) {
      const answer = await embed(gateway, { model, input: ['a', 'b'] });
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.json.error?.code).toBeDefined();
    }
  });

  it('takes an answer with too few vectors for none', async () => {
    const gateway = await start();
    const entry = { object: 'embedding', index: 0, embedding: [1, 2] };
    for (const format of ['float', 'base64']) {
      wall.script({ body: JSON.stringify({ object: 'list', data: [entry] }) });
      const answer = await embed(gateway, {
        model: 'openai/text-embedding-3-small',
        input: ['a', 'b'],
        encoding_format: format,
      });
      expect([format, answer.status, answer.json.error?.code]).toEqual([format, 502, 'upstream_invalid_response']);
    }
  });

  it('writes base64 for a caller whose provider writes numbers whatever it is asked for', async () => {
    const gateway = await start();
    wall.script({
      body: JSON.stringify({ object: 'list', data: [{ index: 0, embedding: [0.5, -2] }], usage: { prompt_tokens: 3 } }),
    });
    const answer = await embed(gateway, {
      model: 'openai/text-embedding-3-small',
      input: 'a',
      encoding_format: 'base64',
    });
    expect(answer.json.data[0]?.embedding).toBe(Buffer.from(Float32Array.from([0.5, -2]).buffer).toString('base64'));
    expect(gateway.witness.settlements[0]?.usage).toEqual({ inputTokens: 3, outputTokens: 0 });
  });

  it('refuses more inputs than a provider that takes one at a time can be asked for', async () => {
    const gateway = await start();
    const answer = await embed(gateway, {
      model: 'bedrock/amazon.titan-embed-text-v2:0',
      input: Array(2049).fill('x'),
    });
    expect([answer.status, answer.json.error?.param]).toEqual([400, 'input']);
    expect(wall.calls).toHaveLength(0);
  });
});

describe('A10: callers of other dialects', () => {
  it.each([
    'openai/text-embedding-3-small',
    'gemini/gemini-embedding-001',
    'cohere/embed-v4.0',
    'ollama/nomic-embed-text',
  ])('reach %s', async (model) => {
    const gateway = await start();
    const viaOpenAI = await embed(gateway, { model, input: ['a', 'b'] });
    const post = async (path: string, body: object) => (await embed(gateway, body, path)).json as unknown;
    const encoded = encodeURIComponent(model);
    const requests = ['a', 'b'].map((text) => ({ model: `models/${model}`, content: { parts: [{ text }] } }));
    expect(await post(`/v1beta/models/${encoded}:batchEmbedContents`, { requests })).toMatchObject({
      embeddings: numbersOf(viaOpenAI).map((values) => ({ values })),
    });
    expect(await post(`/v1beta/models/${encoded}:embedContent`, { content: { parts: [{ text: 'b' }] } })).toMatchObject(
      {
        embedding: { values: numbersOf(viaOpenAI)[1] },
      },
    );
    expect(
      await post('/v2/embed', { model, texts: ['a', 'b'], input_type: 'search_document', embedding_types: ['float'] }),
    ).toMatchObject({ embeddings: { float: numbersOf(viaOpenAI) } });
    expect(await post('/api/embed', { model, input: ['a', 'b'] })).toMatchObject({ embeddings: numbersOf(viaOpenAI) });
    expect(wall.calls.every(({ refusal }) => refusal === undefined)).toBe(true);
  });

  it('quantized vectors pass through to callers of Cohere, and nobody else can give them', async () => {
    const gateway = await start();
    const body = { texts: ['a'], input_type: 'search_query', embedding_types: ['int8'] };
    const native = await embed(gateway, { model: 'cohere/embed-v4.0', ...body }, '/v2/embed');
    expect(native.json).toMatchObject({ embeddings: { int8: [expect.any(Array)] } });
    const other = await embed(gateway, { model: 'openai/text-embedding-3-small', ...body }, '/v2/embed');
    expect([other.status, other.json]).toMatchObject([400, { message: expect.stringContaining('int8') }]);
  });

  it('requests of different purposes in one batch pass through to Gemini, and to nobody else', async () => {
    const gateway = await start();
    const single = (taskType: string) => ({ model: 'models/x', taskType, content: { parts: [{ text: 'a' }] } });
    const body = { requests: [single('RETRIEVAL_QUERY'), single('RETRIEVAL_DOCUMENT')] };
    const path = (model: string) => `/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`;
    expect((await embed(gateway, body, path('gemini/gemini-embedding-001'))).status).toBe(200);
    expect((await embed(gateway, body, path('openai/text-embedding-3-small'))).status).toBe(400);
  });
});
