import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayServer, get, startGateway, teamKey, wallConfig } from './support/gateway-app.ts';

let wall: FakeProvider;
let server: GatewayServer;
let client: OpenAI;

beforeAll(async () => {
  wall = await startFakeProvider();
  const { providers, ...rest } = wallConfig(wall);
  server = await startGateway({
    config: {
      ...rest,
      providers: {
        ...providers,
        lab: {
          type: 'openai-compatible',
          baseUrl: wall.baseUrl('openai-chat'),
          models: ['accounts/lab/models/llama-lab', 'plain-lab'],
        },
      },
      models: { assistant: { targets: ['openai/gpt-5.4', 'anthropic/claude-sonnet-4-6'] } },
      keys: [{ key: teamKey }],
    },
    path: '/v1',
  });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: teamKey, maxRetries: 0 });
});
afterAll(async () => {
  await server.close();
  await wall.close();
});

const headers = { authorization: `Bearer ${teamKey}` };

describe('GET /models', () => {
  it('lists public names first, then what each provider serves, as the OpenAI SDK reads it', async () => {
    const models: OpenAI.Model[] = [];
    for await (const model of client.models.list()) models.push(model);
    expect(models[0]).toMatchObject({ id: 'assistant', object: 'model', created: 0, owned_by: 'openai' });
    const ids = models.map(({ id }) => id);
    for (const id of ['openai/gpt-5.4', 'anthropic/claude-sonnet-4-6', 'lab/plain-lab']) expect(ids).toContain(id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(wall.calls).toHaveLength(0);
  });

  it('is JSON with an object and data, and never tells a provider apart by its address or key', async () => {
    const { status, headers: sent, text } = await get(`${server.url}/v1/models`, headers);
    expect([status, sent.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(JSON.parse(text)).toMatchObject({ object: 'list', data: expect.any(Array) });
    expect(text).not.toMatch(/127\.0\.0\.1|canary|http/);
  });

  it.each([
    ['assistant', 'assistant'],
    ['openai/gpt-5.4', 'openai/gpt-5.4'],
    ['gpt-5.4', 'openai/gpt-5.4'],
    ['plain-lab', 'lab/plain-lab'],
    ['lab/accounts/lab/models/llama-lab', 'lab/accounts/lab/models/llama-lab'],
    ['accounts/lab/models/llama-lab', 'lab/accounts/lab/models/llama-lab'],
  ])('finds %s, with its slashes encoded and as they are', async (name, id) => {
    expect(await client.models.retrieve(name)).toMatchObject({ id, object: 'model' });
    const plain = await get(`${server.url}/v1/models/${name}`, headers);
    expect([plain.status, JSON.parse(plain.text).id]).toEqual([200, id]);
  });

  it.each(['nobody', 'openai', '__proto__', 'constructor', 'x%2F..%2F..', '%00'])('does not find %s', async (name) => {
    const { status, text } = await get(`${server.url}/v1/models/${name}`, headers);
    expect([status, JSON.parse(text).error.code]).toEqual([404, 'model_not_found']);
  });

  it('does not find what cannot be decoded', async () => {
    const { status, text } = await get(`${server.url}/v1/models/%E0%A4%A`, headers);
    expect([status, JSON.parse(text).error.code]).toEqual([404, 'not_found']);
  });

  it('is for callers with a key', async () => {
    for (const path of ['/v1/models', '/v1/models/assistant', '/v1/models/nobody']) {
      const { status, text } = await get(`${server.url}${path}`);
      expect([status, JSON.parse(text).error.code]).toEqual([401, 'missing_api_key']);
    }
  });

  it('works below a mount point that is called models itself', async () => {
    const other = await startGateway({ config: wallConfig(wall), path: '/models/ours' });
    expect(JSON.parse((await get(`${other.url}/models/ours/models/openai/gpt-5.4`)).text).id).toBe('openai/gpt-5.4');
    expect(JSON.parse((await get(`${other.url}/models/ours/models`)).text).object).toBe('list');
    await other.close();
  });
});
