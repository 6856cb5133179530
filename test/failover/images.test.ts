import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { endpointProviders } from '../support/endpoint-providers.ts';
import {
  type GatewayApp,
  type GatewayAppOptions,
  type ListeningServer,
  listen,
  startGatewayApp,
  until,
} from '../support/test-app.ts';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: {
    readonly created: number;
    readonly data: readonly { readonly b64_json?: string; readonly url?: string }[];
    readonly usage?: { readonly output_tokens: number };
    readonly error?: { readonly code: string; readonly param: string | null };
  };
}

let app: GatewayApp | undefined;
let wall: FakeProvider;
let other: ListeningServer | undefined;

afterEach(async () => {
  await app?.checkInvariants();
  await app?.close();
  await wall.close();
  await other?.close();
  other = undefined;
});

async function start(options: Partial<GatewayAppOptions> = {}): Promise<GatewayApp> {
  wall = await startFakeProvider();
  app = await startGatewayApp({ path: '/', retries: 0, providers: endpointProviders(wall), walls: [wall], ...options });
  return app;
}

function post({ url }: GatewayApp, body: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/v1/images/generations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    ...init,
  });
}

async function draw(gateway: GatewayApp, body: object): Promise<Answer> {
  const response = await post(gateway, body);
  return { status: response.status, headers: response.headers, json: (await response.json()) as Answer['json'] };
}

describe('A9: pictures', () => {
  it.each([
    ['openai/gpt-image-1', { requests: 1, tokens: 1360 }],
    ['openai/dall-e-2', { requests: 1, tokens: undefined }],
    ['azure/gpt-image-1', { requests: 1, tokens: 1360 }],
    ['gemini/gemini-2.5-flash-image', { requests: 5, tokens: 6450 }],
    ['gemini/imagen-4.0-generate-001', { requests: 2, tokens: undefined }],
    ['vertex/gemini-2.5-flash-image', { requests: 5, tokens: 6450 }],
    ['vertex/imagen-4.0-generate-001', { requests: 2, tokens: undefined }],
    ['together/black-forest-labs/FLUX.1-schnell', { requests: 2, tokens: undefined }],
    ['local/gpt-image-1', { requests: 1, tokens: 1360 }],
  ])('of %s: as many as were asked for, in as many requests as it takes', async (model, expected) => {
    const gateway = await start();
    const body = { model, prompt: 'a red square', n: 5, size: '1024x1024' };
    const { status, json } = await draw(
      gateway,
      model.includes('FLUX') ? { ...body, response_format: 'b64_json' } : body,
    );
    expect(status).toBe(200);
    expect(json.data).toHaveLength(5);
    expect(json.data.every(({ b64_json, url }) => (b64_json === undefined) !== (url === undefined))).toBe(true);
    expect(json.created).toBeGreaterThan(0);
    expect(json.usage?.output_tokens).toBe(expected.tokens);
    expect(wall.calls).toHaveLength(expected.requests);
    expect(wall.calls.map(({ operation, refusal }) => [operation, refusal])).toEqual(
      Array(expected.requests).fill(['images', undefined]),
    );
    expect(gateway.witness.settlements[0]).toMatchObject({
      status: 'ok',
      usageSource: expected.tokens === undefined ? 'none' : 'provider',
    });
  });

  it('go through as they were sent where both sides speak the same', async () => {
    const gateway = await start();
    const body = '{ "prompt" : "a",  "n":1.0, "model":"openai/gpt-image-1" }';
    await post(gateway, {}, { body });
    expect(wall.calls[0]?.body.toString()).toBe(body.replace('openai/gpt', 'gpt'));
  });

  it('A9: a response_format that a model refuses is not sent to it', async () => {
    const gateway = await start();
    const asked = { model: 'openai/gpt-image-1', prompt: 'a' };
    const base64 = await draw(gateway, { ...asked, response_format: 'b64_json' });
    const link = await draw(gateway, { ...asked, response_format: 'url' });
    expect([base64, link].map(({ status, headers }) => [status, headers.get('x-gateway-dropped-params')])).toEqual([
      [200, null],
      [200, 'response_format'],
    ]);
  });

  it('move to the next target, in its own words', async () => {
    const gateway = await start({
      models: {
        pictures: { targets: ['anthropic/claude-sonnet-4-5', 'openai/e503', 'gemini/gemini-2.5-flash-image'] },
      },
    });
    const answer = await draw(gateway, { model: 'pictures', prompt: 'a' });
    expect([answer.status, answer.headers.get('x-provider'), answer.headers.get('x-gateway-attempts')]).toEqual([
      200,
      'gemini',
      '2',
    ]);
  });

  it('says so when a provider makes none', async () => {
    const answer = await draw(await start(), { model: 'mistral/mistral-embed', prompt: 'a' });
    expect([answer.status, answer.json.error?.param]).toEqual([400, 'model']);
  });

  it('have more time than the first word of a chat', async () => {
    const gateway = await start();
    expect([...gateway.failover.planner.instances.values()][0]?.timeouts.firstToken).toBe(60_000);
    wall.breakWith('slow(150)');
    const strict = await startGatewayApp({
      path: '/',
      retries: 0,
      providers: { openai: { apiKey: 'k', baseUrl: wall.baseUrl('openai-chat'), timeouts: { firstToken: '50ms' } } },
    });
    expect((await draw(strict, { model: 'openai/gpt-image-1', prompt: 'a' })).status).toBe(200);
    await strict.close();
  });

  it('what a filter left of several is the answer; when it left none, its reason is', async () => {
    const gateway = await start();
    const blocked = { body: JSON.stringify({ candidates: [{ finishReason: 'IMAGE_SAFETY' }] }) };
    const asked = { model: 'gemini/gemini-2.5-flash-image', prompt: 'a', n: 2 };
    wall.script(blocked);
    expect((await draw(gateway, asked)).json.data).toHaveLength(1);
    wall.script(blocked, blocked);
    const answer = await draw(gateway, asked);
    expect([answer.status, answer.json.error?.code]).toEqual([400, 'content_policy_violation']);
  });
});

/** A provider that streams pictures, played by the test. */
async function startPainter(
  paint: (response: ServerResponse, request: IncomingMessage) => void,
): Promise<{ readonly gateway: GatewayApp; readonly bodies: string[] }> {
  const bodies: string[] = [];
  other = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    paint(response, request);
  });
  const gateway = await start({ providers: { openai: { apiKey: 'k', baseUrl: `${other.url}/v1` } } });
  return { gateway, bodies };
}

/** A picture of this many bytes in base64, as one frame. */
function frame(type: 'partial_image' | 'completed', bytes: number): string {
  const data = {
    type: `image_generation.${type}`,
    b64_json: 'A'.repeat(bytes),
    ...(type === 'completed' && { usage: { input_tokens: 7, output_tokens: 272, total_tokens: 279 } }),
  };
  return `event: image_generation.${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

describe('A9: streams of pictures', () => {
  const asked = { model: 'openai/gpt-image-1', prompt: 'a', stream: true, partial_images: 1 };

  it('reach the caller byte by byte, frames of several megabytes too, and are settled with their usage', async () => {
    const text = frame('partial_image', 3_000_000) + frame('completed', 3_000_000);
    const { gateway, bodies } = await startPainter((response) => void response.end(text));
    const response = await post(gateway, asked);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      expect.stringContaining('text/event-stream'),
    ]);
    expect((await response.text()) === text).toBe(true);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ ...asked, model: 'gpt-image-1' });
    await until(() => gateway.witness.settlements.length === 1);
    expect(gateway.witness.settlements[0]).toMatchObject({
      status: 'ok',
      usage: { inputTokens: 7, outputTokens: 272 },
      finishReason: 'stop',
    });
  });

  it('one that ends before the picture is complete is broken, not finished', async () => {
    const { gateway } = await startPainter((response) => void response.end(frame('partial_image', 10)));
    const response = await post(gateway, asked);
    await expect(response.text()).rejects.toThrow();
    await until(() => gateway.witness.settlements.length === 1);
    expect(gateway.witness.settlements[0]?.status).toBe('upstream_truncated');
  });

  it("A12: are read by OpenAI's client, which throws where one is broken", async () => {
    const texts = [frame('partial_image', 20) + frame('completed', 40), frame('partial_image', 20)];
    const { gateway } = await startPainter((response) => void response.end(texts.shift()));
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'caller-key', maxRetries: 0 });
    const seen: string[] = [];
    const paint = async (): Promise<void> => {
      const stream = await client.images.generate({ model: asked.model, prompt: 'a', stream: true, partial_images: 1 });
      for await (const event of stream) seen.push(event.type);
    };
    await paint();
    expect(seen).toEqual(['image_generation.partial_image', 'image_generation.completed']);
    await expect(paint()).rejects.toThrow();
    expect(seen).toHaveLength(3);
  });

  it('one that begins with an error is an error before anything is shown', async () => {
    const { gateway } = await startPainter(
      (response) => void response.end('event: error\ndata: {"error":{"message":"busy","code":"server_error"}}\n\n'),
    );
    expect((await post(gateway, asked)).status).toBeGreaterThanOrEqual(500);
  });

  it('a whole answer in place of one is none', async () => {
    const gateway = await start();
    wall.script({ body: '{"data":[{"b64_json":"QQ=="}]}' });
    expect((await draw(gateway, { ...asked, partial_images: undefined })).status).toBe(502);
  });

  it.each(['gemini/gemini-2.5-flash-image', 'openai/dall-e-3', 'together/black-forest-labs/FLUX.1-schnell'])(
    'are refused clearly for %s',
    async (model) => {
      const answer = await draw(await start(), { ...asked, model });
      expect([answer.status, answer.json.error?.code, answer.json.error?.param]).toEqual([
        400,
        'unsupported_parameter',
        'stream',
      ]);
      expect(wall.calls).toHaveLength(0);
    },
  );
});
