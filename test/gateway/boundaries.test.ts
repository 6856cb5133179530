import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type BlackHole, type FakeProvider, startBlackHole, startFakeProvider } from '../../src/testing/index.ts';
import { chat } from '../support/test-app.ts';
import { type GatewayServer, get, question, startGateway, teamKey, wallConfig } from './support/gateway-app.ts';
import { type OutboundWatch, watchOutbound } from './support/outbound.ts';

let wall: FakeProvider;
let trap: BlackHole;
let server: GatewayServer;
const narrowKey = 'sk-narrow-key-0123456789';

beforeAll(async () => {
  wall = await startFakeProvider();
  trap = await startBlackHole();
});
afterAll(async () => {
  await wall.close();
  await trap.close();
});
beforeEach(async () => {
  server = await startGateway({
    config: {
      ...wallConfig(wall),
      models: {
        assistant: { targets: ['anthropic/demo-small'] },
        mixed: { targets: ['openai/e503', 'anthropic/demo-small', 'openai/demo-small'] },
        followed: { targets: ['openai/e503'], fallback: ['assistant'] },
        'gpt-5.4': { targets: ['gemini/demo-small'] },
      },
      keys: [
        { key: teamKey, id: 'team' },
        { key: narrowKey, id: 'narrow', models: ['openai/*'] },
      ],
    },
  });
});
afterEach(async () => {
  await server.close();
  await wall.whenIdle();
  wall.reset();
});

const as = (key: string): RequestInit => ({ headers: { authorization: `Bearer ${key}` } });
const codeOf = (text: string): string => JSON.parse(text).error.code;

describe('AU-14: a key that may use some models', () => {
  it.each(['assistant', 'anthropic/demo-small', 'gemini/demo-small', 'google/demo-small', 'gpt-5.4'])(
    'gets 403 for %s, decided on what the name stands for, and nobody is asked',
    async (model) => {
      for (const stream of [false, true]) {
        const answer = await chat(server.url, { model, stream, ...question }, as(narrowKey));
        expect([answer.status, codeOf(answer.text)]).toEqual([403, 'model_not_allowed']);
      }
      expect(wall.calls).toHaveLength(0);
    },
  );

  it('is moved to the targets it may use and past those it may not', async () => {
    const answer = await chat(server.url, { model: 'mixed', ...question }, as(narrowKey));
    expect([answer.status, answer.headers.get('x-provider'), answer.headers.get('x-gateway-attempts')]).toEqual([
      200,
      'openai',
      '2',
    ]);
    expect(wall.calls.map(({ dialect }) => dialect)).toEqual(['openai-chat', 'openai-chat']);
    const free = await chat(server.url, { model: 'mixed', ...question }, as(teamKey));
    expect(free.headers.get('x-provider')).toBe('anthropic');
  });

  it.each([
    ['the configuration', { model: 'followed' }],
    ['the body', { model: 'openai/e503', fallbacks: ['anthropic/demo-small', 'assistant'] }],
    ['the body, by another name', { model: 'openai/e503', models: ['google/demo-small'] }],
  ])('does not reach another provider by the fallbacks of %s', async (_where, fields) => {
    const answer = await chat(server.url, { ...fields, ...question }, as(narrowKey));
    expect(answer.status).toBe(503);
    expect(new Set(wall.calls.map(({ dialect }) => dialect))).toEqual(new Set(['openai-chat']));
    const free = await chat(server.url, { ...fields, ...question }, as(teamKey));
    expect(free.status).toBe(200);
  });

  it('does not reach another provider by an equivalent model', async () => {
    const own = await startGateway({
      config: { keys: [{ key: narrowKey, models: ['openai/*'] }], failover: { retries: 0 } },
      environment: {
        OPENAI_API_KEY: 'sk-provider-0123456789',
        OPENAI_BASE_URL: wall.baseUrl('openai-chat'),
        ANTHROPIC_API_KEY: 'sk-ant-0123456789',
        ANTHROPIC_BASE_URL: wall.baseUrl('anthropic-messages'),
      },
    });
    wall.script({ status: 500, body: '{}' });
    const answer = await chat(own.url, { model: 'gpt-5.4', ...question }, as(narrowKey));
    expect([answer.status, wall.calls.map(({ dialect }) => dialect)]).toEqual([502, ['openai-chat']]);
    await own.close();
  });

  it('is not widened by how a name is written', async () => {
    const names = [
      'OpenAI/../anthropic/demo-small',
      'openai/../anthropic/demo-small',
      ' anthropic/demo-small',
      'anthropic/demo-small ',
      'Anthropic/demo-small',
      'anthropic//demo-small',
      'anthropic\u0000/demo-small',
      'openai/\u002e\u002e/anthropic',
      '*',
      'openai/*',
    ];
    for (const model of names) await chat(server.url, { model, ...question }, as(narrowKey));
    expect(wall.calls.filter(({ dialect }) => dialect !== 'openai-chat')).toEqual([]);
    expect(wall.calls.every(({ path }) => path === '/v1/chat/completions')).toBe(true);
  });

  it('may see the list of models and the health of the gateway', async () => {
    const headers = { authorization: `Bearer ${narrowKey}` };
    expect((await get(`${server.url}/v1/models`, headers)).status).toBe(200);
    expect((await get(`${server.url}/health`, headers)).status).toBe(200);
  });
});

describe('AD-01: what a caller sends opens no connection but those configured', () => {
  let watch: OutboundWatch;
  beforeEach(() => {
    watch = watchOutbound();
  });
  afterEach(async () => {
    watch.stop();
    const hosts = [server.url, wall.url].map((url) => new URL(url).host);
    expect([...watch.targets].filter((target) => !hosts.includes(target))).toEqual([]);
    expect(trap.sockets).toBe(0);
    // What did reach the provider came to the right place, with the gateway's own credential and nothing of the caller's.
    await wall.whenIdle();
    for (const { path, rawHeaders } of wall.calls) {
      expect(path).toMatch(
        /^\/v1(?:beta\/models\/[^/?#]+:(?:streamG|g)enerateContent(?:\?alt=sse)?|\/chat\/completions|\/messages)$/,
      );
      expect(rawHeaders.join('\n')).not.toMatch(new RegExp(`evil|cookie|forwarded|${trap.port}|${teamKey}`, 'i'));
    }
  });

  const providers = ['openai', 'anthropic', 'gemini'] as const;

  it.each(providers)('in the body, for %s', async (provider) => {
    const { url } = trap;
    const fields: readonly object[] = [
      { base_url: url },
      { api_base: url, api_key: 'sk-evil', custom_llm_provider: 'openai' },
      { baseURL: url, baseUrl: url, url, endpoint: url, host: url, proxy: url },
      { extra_body: { base_url: url }, extra_headers: { host: 'evil' } },
      { provider: { base_url: url, order: [url] } },
      { options: { base_url: url, proxy: url } },
      { metadata: { api_base: url } },
      { fallbacks: [{ model: 'x', api_base: url }] },
      { fallbacks: [`${url}/v1`, `openai/${url}`] },
      { webhook: url, callback_url: url },
    ];
    const statuses = new Set<number>();
    for (const extra of fields) {
      for (const stream of [false, true]) {
        const body = { model: `${provider}/demo-small`, stream, ...question, ...extra };
        statuses.add((await chat(server.url, body, as(teamKey))).status);
      }
    }
    expect([...statuses].filter((status) => ![200, 400, 404].includes(status))).toEqual([]);
    expect(statuses).toContain(200);
  });

  it('in the name of the model', async () => {
    const { url, port } = trap;
    const names = [
      url,
      `${url}/v1/chat/completions`,
      `openai-compatible/${url}`,
      `127.0.0.1:${port}/model`,
      `//127.0.0.1:${port}/x`,
      ...providers.flatMap((provider) => [
        `${provider}/${url}/v1`,
        `${provider}/../../evil`,
        `${provider}/..%2f..%2fevil`,
        `${provider}/@127.0.0.1:${port}/`,
        `${provider}/x?key=evil&alt=json`,
        `${provider}/x#evil`,
        `${provider}/x\\..\\..\\evil`,
        `${provider}/x\r\nhost: evil`,
        `${provider}/x:streamGenerateContent?evil=`,
      ]),
    ];
    for (const model of names) {
      const { status } = await chat(server.url, { model, ...question }, as(teamKey));
      expect([200, 400, 404]).toContain(status);
    }
  });

  it('in headers and in the query', async () => {
    const headers = {
      authorization: `Bearer ${teamKey}`,
      cookie: 'session=evil',
      'x-base-url': trap.url,
      'x-api-base': trap.url,
      'openai-base-url': trap.url,
      'x-custom-host': trap.url,
      'x-target-url': trap.url,
      'x-forwarded-host': `127.0.0.1:${trap.port}`,
      'x-forwarded-for': '10.0.0.1',
      forwarded: `host=127.0.0.1:${trap.port}`,
      'x-original-url': '/evil',
      'anthropic-beta': 'evil',
    };
    for (const provider of providers) {
      const answer = await chat(server.url, { model: `${provider}/demo-small`, ...question }, { headers });
      expect(answer.status).toBe(200);
    }
    const asked = await fetch(`${server.url}/v1/chat/completions?base_url=${encodeURIComponent(trap.url)}&key=evil`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'gemini/demo-small', ...question }),
    });
    expect(asked.status).toBe(200);
  });

  it('in the request line and the Host header', async () => {
    const body = JSON.stringify({ model: 'openai/demo-small', ...question });
    const raw = (target: string, host: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('error', () => {});
        socket.once('close', () => resolve(text));
        socket.write(
          `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${teamKey}\r\nConnection: close\r\n` +
            `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
      });
    expect(await raw('/v1/chat/completions', `127.0.0.1:${trap.port}`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(await raw(`http://127.0.0.1:${trap.port}/v1/chat/completions`, 'evil')).toMatch(/^HTTP\/1\.1 (200|404) /);
  });

  it.each(providers)('AD-03: as the address of an image, for %s', async (provider) => {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: `${trap.url}/latest/meta-data` } },
    ];
    const { status } = await chat(
      server.url,
      { model: `${provider}/demo-small`, messages: [{ role: 'user', content }] },
      as(teamKey),
    );
    expect([200, 400]).toContain(status);
  });
});
