import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { type GatewayServer, get, question, startGateway, teamKey, wallConfig } from './support/gateway-app.ts';

const limitedKey = 'sk-limited-key-0123456789';
const namingKey = 'sk-naming-key-0123456789';
const aliasKey = 'sk-alias-key-0123456789';
const naming = { authorization: `Bearer ${namingKey}` };
const headers = { authorization: `Bearer ${teamKey}` };

let wall: FakeProvider;
let server: GatewayServer;

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
          models: ['llama-lab', 'e500'],
          prices: { 'llama-*': { input: 0.1, output: 0.25, longPrompts: [{ above: 1_000, input: 0.2 }] } },
          capabilities: { 'llama-lab': { tools: true, vision: false } },
          contextWindows: { 'llama-lab': 32_768 },
        },
      },
      models: {
        assistant: { targets: ['openai/gpt-5.4'], fallback: ['lab/llama-lab'] },
        risky: { targets: ['lab/e500'] },
      },
      keys: [
        { key: teamKey },
        { key: aliasKey, models: ['google/gemini-2.5-pro', 'claude/claude-opus-4-1'] },
        { key: limitedKey, models: ['lab/llama-*', 'claude-*'] },
        {
          key: namingKey,
          models: ['openai/gpt-4o', 'claude-opus-4-1', 'lab/llama-lab', 'groq/llama', 'mistral-large', 'openai/o*'],
        },
      ],
    },
  });
});
afterAll(async () => {
  await server.close();
  await wall.close();
});

async function list(path: string, sent: Readonly<Record<string, string>> = headers) {
  const { status, text } = await get(`${server.url}${path}`, sent);
  return { status, body: JSON.parse(text) };
}

async function model(id: string) {
  return (await list(`/v1/models/${id}`)).body;
}

describe('a listed model', () => {
  it('says what it costs, holds and can do', async () => {
    expect(await model('lab/llama-lab')).toEqual({
      id: 'lab/llama-lab',
      object: 'model',
      created: 0,
      owned_by: 'lab',
      provider: 'lab',
      targets: ['lab/llama-lab'],
      price: {
        unit: 'usd_per_million_tokens',
        input: 0.1,
        output: 0.25,
        long_prompts: [{ above: 1_000, input: 0.2, output: 0.25 }],
        nano_usd: { input: 100_000_000, output: 250_000_000 },
        version: expect.stringMatching(/^own:/),
      },
      context_window: 32_768,
      max_output_tokens: null,
      capabilities: { tools: true, vision: false },
      available: true,
    });
  });

  it('has the public price where the operator says nothing, and null where nobody knows', async () => {
    expect(await model('anthropic/claude-sonnet-4-6')).toMatchObject({
      price: { input: 3, output: 15, cache_read: 0.3, cache_write: 3.75, cache_write_1h: 6 },
      context_window: 1_000_000,
      capabilities: { tools: true, parallel_tools: true, json_schema: true, audio_input: false },
    });
    expect(await model('lab/e500')).toMatchObject({ price: null, context_window: null, capabilities: {} });
  });

  it('under a public name can do what one of its targets can, at the price of the first', async () => {
    expect(await model('assistant')).toMatchObject({
      provider: 'openai',
      targets: ['openai/gpt-5.4', 'lab/llama-lab'],
      price: { input: 2.5 },
      context_window: 1_050_000,
      capabilities: { tools: true, vision: true },
    });
  });

  it('is not available while all its targets are out of rotation', async () => {
    const ask = () =>
      fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model: 'risky', ...question }),
      });
    expect(await model('risky')).toMatchObject({ available: true });
    for (let call = 0; call < 6; call += 1) await ask();
    expect(await model('risky')).toMatchObject({ available: false });
    expect(await model('lab/e500')).toMatchObject({ available: false });
    expect(await model('assistant')).toMatchObject({ available: true });
    wall.reset();
  });
});

describe('the list of models', () => {
  it('shows a limited key its own models, and hides the others one by one, too', async () => {
    const limited = { authorization: `Bearer ${limitedKey}` };
    const { body } = await list('/v1/models', limited);
    const ids = body.data.map(({ id }: { id: string }) => id);
    expect(ids).toEqual(expect.arrayContaining(['assistant', 'lab/llama-lab', 'anthropic/claude-sonnet-4-6']));
    expect(ids.filter((id: string) => /^(?:openai|gemini|risky|lab\/e500)/.test(id))).toEqual([]);
    expect((await list('/v1/models/openai/gpt-5.4', limited)).status).toBe(404);
    expect((await list('/v1/models/lab/llama-lab', limited)).status).toBe(200);
  });

  it('shows a key the models it names, though nobody lists them, in every dialect and one by one', async () => {
    const ids = ['openai/gpt-4o', 'anthropic/claude-opus-4-1'];
    const all = ['assistant', 'lab/llama-lab', ...ids];
    const read = async (path: string, more: Readonly<Record<string, string>> = {}) =>
      (await list(path, { ...naming, ...more })).body;
    expect((await read('/v1/models')).data.map(({ id }: { id: string }) => id)).toEqual(all);
    expect((await read('/v1beta/models')).models.map(({ name }: { name: string }) => name)).toEqual(
      all.map((id) => `models/${id}`),
    );
    const anthropic = await read('/v1/models', { 'anthropic-version': '2023-06-01' });
    expect([anthropic.data.map(({ id }: { id: string }) => id), anthropic.last_id]).toEqual([all, ids[1]]);
    expect((await read('/api/tags')).models.map(({ model }: { model: string }) => model)).toEqual(all);

    expect(await read('/v1/models/openai/gpt-4o')).toMatchObject({
      id: 'openai/gpt-4o',
      provider: 'openai',
      price: { input: 2.5 },
      available: true,
    });
    for (const name of ['gpt-4o', 'openai%2Fgpt-4o']) expect((await read(`/v1/models/${name}`)).id).toBe(ids[0]);
    expect((await read('/v1beta/models/claude-opus-4-1')).name).toBe('models/anthropic/claude-opus-4-1');
    expect((await read('/v1/models/claude-opus-4-1', { 'anthropic-version': '2023-06-01' })).id).toBe(ids[1]);
  });

  it('knows a provider by its other name, where a key names its models and where one is asked for', async () => {
    const alias = { authorization: `Bearer ${aliasKey}` };
    const ids = ['gemini/gemini-2.5-pro', 'anthropic/claude-opus-4-1'];
    const { body } = await list('/v1/models', alias);
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual(ids);
    const statuses = ['google/gemini-2.5-pro', ...ids, 'gemini/gemini-2.5-flash'].map(async (model) => {
      const asked = { method: 'POST', headers: alias, body: JSON.stringify({ model, ...question }) };
      return (await fetch(`${server.url}/v1/chat/completions`, asked)).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 403]);
    wall.reset();
  });

  it('shows what a key names to nobody else, and nothing that no provider is there for', async () => {
    for (const name of ['openai/gpt-4o', 'claude-opus-4-1']) {
      expect((await list(`/v1/models/${name}`)).status).toBe(404);
      expect((await list(`/v1/models/${name}`, { authorization: `Bearer ${limitedKey}` })).status).toBe(404);
    }
    for (const name of ['groq/llama', 'mistral-large', 'openai/o3']) {
      expect((await list(`/v1/models/${name}`, naming)).status).toBe(404);
    }
  });

  it('never counts as asking a provider', () => {
    expect(wall.calls).toEqual([]);
  });

  it('is read by the OpenAI SDK', async () => {
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: teamKey, maxRetries: 0 });
    const ids: string[] = [];
    for await (const { id } of client.models.list()) ids.push(id);
    expect(ids).toContain('lab/llama-lab');
  });

  it('is read by the Anthropic SDK, page by page', async () => {
    const client = new Anthropic({ baseURL: server.url, apiKey: teamKey, maxRetries: 0 });
    const all = (await list('/v1/models')).body.data.map(({ id }: { id: string }) => id);
    const ids: string[] = [];
    for await (const { id, type } of client.models.list({ limit: 3 })) {
      expect(type).toBe('model');
      ids.push(id);
    }
    expect(ids).toEqual(all);
    expect(await client.models.retrieve('lab/llama-lab')).toMatchObject({
      id: 'lab/llama-lab',
      type: 'model',
      max_input_tokens: 32_768,
    });
    await expect(client.models.retrieve('nobody')).rejects.toMatchObject({
      status: 404,
      error: { type: 'error', error: { type: 'not_found_error' } },
    });
  });

  it('goes back through Anthropic\u0027s pages', async () => {
    const anthropic = { ...headers, 'anthropic-version': '2023-06-01' };
    const { body: first } = await list('/v1/models?limit=4', anthropic);
    const { body: second } = await list(`/v1/models?limit=4&after_id=${first.last_id}`, anthropic);
    const { body: back } = await list(`/v1/models?limit=4&before_id=${second.first_id}`, anthropic);
    expect(back.data).toEqual(first.data);
    expect([first.has_more, back.has_more]).toEqual([true, false]);
    for (const query of ['limit=0', 'limit=x', 'after_id=nobody']) {
      const { status, body } = await list(`/v1/models?${query}`, anthropic);
      expect([status, body.error.type]).toEqual([400, 'invalid_request_error']);
    }
  });

  it('is read by the Google SDK, page by page', async () => {
    const client = new GoogleGenAI({ apiKey: teamKey, httpOptions: { baseUrl: server.url } });
    const all = (await list('/v1/models')).body.data.map(({ id }: { id: string }) => `models/${id}`);
    const names: (string | undefined)[] = [];
    for await (const { name } of await client.models.list({ config: { pageSize: 4 } })) names.push(name);
    expect(names).toEqual(all);
    expect(await client.models.get({ model: 'lab/llama-lab' })).toMatchObject({
      name: 'models/lab/llama-lab',
      inputTokenLimit: 32_768,
    });
    const { status, body } = await list('/v1beta/models?pageToken=x');
    expect([status, body.error.status]).toEqual([400, 'INVALID_ARGUMENT']);
    expect((await list('/v1beta/models/nobody')).body.error).toMatchObject({ code: 404, status: 'NOT_FOUND' });
  });

  it('is in Gemini\u0027s form for who brings Google\u0027s key header, whatever the version', async () => {
    const { body } = await list('/v1/models', { 'x-goog-api-key': teamKey });
    expect(body.models[0]).toMatchObject({
      name: 'models/assistant',
      supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
    });
  });

  it('is read by Ollama\u0027s client', async () => {
    const client = new Ollama({ host: server.url, headers });
    const { models } = await client.list();
    expect(models.map(({ name }) => name)).toContain('lab/llama-lab');
  });
});

describe('the cost of an answer', () => {
  const ask = async (path: string, body: object) => {
    const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return { header: response.headers.get('x-gateway-cost-usd'), body: await response.text() };
  };

  it('is in a header of whole answers, exactly', async () => {
    for (const model of ['lab/llama-lab', 'anthropic/claude-sonnet-4-6']) {
      const { header, body } = await ask('/v1/chat/completions', { model, ...question });
      const { prompt_tokens, completion_tokens } = JSON.parse(body).usage;
      const [input, output] = model.startsWith('lab') ? [100, 250] : [3_000, 15_000];
      expect(Number(header)).toBeCloseTo((prompt_tokens * input + completion_tokens * output) / 1e9, 12);
      expect(header).toMatch(/^0\.\d{1,9}$/);
    }
  });

  it('is in the plain form\u0027s usage, null where no price is known', async () => {
    const known = await ask('/v1/chat', { model: 'lab/llama-lab', ...question });
    expect(JSON.parse(known.body).usage.cost_usd).toBe(Number(known.header));
    const unknown = await ask('/v1/chat', { model: 'openai/demo-small', ...question });
    expect([JSON.parse(unknown.body).usage.cost_usd, unknown.header]).toEqual([null, null]);
  });

  it('is not promised of a stream, whose head is sent before it is known', async () => {
    expect(
      (await ask('/v1/chat/completions', { model: 'lab/llama-lab', stream: true, ...question })).header,
    ).toBeNull();
  });
});

describe('a request that a model cannot take', () => {
  it('goes to a target that can, and the log says who was passed over', async () => {
    server.lines.length = 0;
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Look.' }, image] }];
    const send = (model: string, more: object = {}) =>
      fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ model, messages, ...more }),
      });
    const answered = await send('lab/llama-lab', { fallback: ['openai/gpt-5.4'] });
    expect([answered.status, answered.headers.get('x-provider')]).toEqual([200, 'openai']);
    const refused = await send('lab/llama-lab');
    expect([refused.status, JSON.parse(await refused.text()).error.code]).toEqual([400, 'unsupported_parameter']);
    expect(server.lines.filter(({ message }) => message === 'call')[0]).toMatchObject({
      skipped: [{ target: 'lab/llama-lab', reason: 'vision' }],
    });
  });
});
