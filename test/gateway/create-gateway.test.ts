import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { createGateway } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, listen } from '../support/test-app.ts';
import {
  type GatewayServer,
  get,
  question,
  refusal,
  startGateway,
  teamKey,
  wallConfig,
} from './support/gateway-app.ts';

// It brings no types.
const compression: (options: object) => express.RequestHandler = createRequire(import.meta.url)('compression');

let wall: FakeProvider;
let folder: string;
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
  folder = mkdtempSync(join(tmpdir(), 'gateway-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await wall.close();
});
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
  await wall.whenIdle();
  wall.reset();
});

async function start(options?: Parameters<typeof startGateway>[0]): Promise<GatewayServer> {
  const server = await startGateway(options);
  running.push(server);
  return server;
}

/** The variables of three providers, all played by the wall. */
function wallEnvironment(): Record<string, string> {
  return {
    OPENAI_API_KEY: 'sk-provider-0123456789',
    OPENAI_BASE_URL: wall.baseUrl('openai-chat'),
    ANTHROPIC_API_KEY: 'sk-ant-provider-0123456789',
    ANTHROPIC_BASE_URL: wall.baseUrl('anthropic-messages'),
    GEMINI_API_KEY: 'provider-0123456789',
    GEMINI_BASE_URL: wall.baseUrl('gemini'),
  };
}

const served = (answer: { status: number; headers: Headers; text: string }) => [
  answer.status,
  answer.headers.get('x-provider'),
  JSON.parse(answer.text).model,
];

describe('createGateway from code', () => {
  it.each([
    ['/', ['', '/v1']],
    ['/v1', ['/v1', '/v1/v1']],
    ['/ai/gateway', ['/ai/gateway', '/ai/gateway/v1']],
  ])('mounted at %s, takes each path with and without a repeated /v1', async (path, prefixes) => {
    const { url } = await start({ config: wallConfig(wall), path });
    for (const prefix of prefixes) {
      for (const end of ['', '/', '?a=b']) {
        const answer = await fetch(`${url}${prefix}/chat/completions${end}`, {
          method: 'POST',
          body: JSON.stringify({ model: 'gemini/demo-small', ...question }),
        });
        expect([answer.status, answer.headers.get('x-provider')]).toEqual([200, 'gemini']);
        expect((await get(`${url}${prefix}/models${end}`)).status).toBe(200);
        expect((await get(`${url}${prefix}/health${end}`)).status).toBe(200);
      }
      expect((await get(`${url}${prefix}/models/gpt-5.4`)).status).toBe(200);
    }
    expect(JSON.parse((await get(`${url}/elsewhere`)).text)).toEqual({ from: 'the app' });
    expect(JSON.parse((await get(`${url}${path === '/' ? '' : path}/completions`)).text)).toEqual({ from: 'the app' });
  });

  it('serves all three dialects, chains and streams', async () => {
    const { url, lines } = await start({
      config: {
        ...wallConfig(wall),
        models: { assistant: { targets: ['openai/e503', 'anthropic/demo-small'] } },
        telemetry: { logLevel: 'info' },
      },
    });
    for (const provider of ['openai', 'anthropic', 'gemini']) {
      expect(served(await chat(url, { model: `${provider}/demo-small`, ...question }))).toEqual([
        200,
        provider,
        'demo-small',
      ]);
    }
    const streamed = await chat(url, { model: 'assistant', stream: true, ...question });
    expect([streamed.status, streamed.headers.get('x-provider'), streamed.broken]).toEqual([200, 'anthropic', false]);
    expect(streamed.text.trimEnd().endsWith('data: [DONE]')).toBe(true);
    expect(lines.filter(({ message }) => message === 'call')).toHaveLength(4);
  });

  it('answers another method with 405 and the method it takes', async () => {
    const { url } = await start({ config: wallConfig(wall) });
    const answer = await get(`${url}/v1/chat/completions`);
    expect([answer.status, answer.headers.get('allow'), JSON.parse(answer.text).error.code]).toEqual([
      405,
      'POST',
      'method_not_allowed',
    ]);
  });

  it('keeps to the body limit', async () => {
    const { url } = await start({ config: { ...wallConfig(wall), server: { bodyLimit: '2kb' } } });
    const content = 'x'.repeat(3_000);
    const answer = await chat(url, { model: 'openai/demo-small', messages: [{ role: 'user', content }] });
    expect([answer.status, JSON.parse(answer.text).error.code]).toEqual([413, 'request_too_large']);
  });

  it('asks for a key when there are keys', async () => {
    const { url, lines } = await start({ config: { ...wallConfig(wall), keys: [{ key: teamKey, team: 'search' }] } });
    const body = { model: 'openai/demo-small', ...question };
    expect((await chat(url, body)).status).toBe(401);
    expect((await get(`${url}/v1/models`)).status).toBe(401);
    const headers = { authorization: `Bearer ${teamKey}` };
    expect((await chat(url, body, { headers })).status).toBe(200);
    expect((await get(`${url}/v1/models`, headers)).status).toBe(200);
    expect(wall.calls).toHaveLength(1);
    expect(lines.filter(({ message }) => message === 'call')).toMatchObject([
      { operation: 'chat', status: 'rejected', key_id: 'anonymous' },
      { operation: 'models', status: 'rejected' },
      { operation: 'chat', status: 'ok', key_id: 'key-1', team: 'search' },
      { operation: 'models', status: 'ok' },
    ]);
  });

  it('warns when everybody may use it, and not when keys are asked for', async () => {
    const open = await start({ config: wallConfig(wall) });
    expect(open.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('No API keys') }]);
    const closed = await start({ config: { ...wallConfig(wall), keys: [{ key: teamKey }] } });
    expect(closed.lines).toEqual([]);
    const quiet = await start({ config: { ...wallConfig(wall), telemetry: { logLevel: 'silent' } } });
    await chat(quiet.url, { model: 'openai/e500', ...question });
    expect(quiet.lines).toEqual([]);
  });

  it('works behind express.json() and compression()', async () => {
    const gateway = createGateway(wallConfig(wall), { environment: {}, logger: { log: () => {} } });
    const app = express();
    app.use(compression({ threshold: 0 }), express.json(), gateway);
    const server = await listen(app);
    running.push(server);
    for (const model of ['openai/demo-small+pace(20)', 'gemini/demo-small+pace(20)']) {
      const times: number[] = [];
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip' },
        body: JSON.stringify({ model, stream: true, messages: [{ role: 'user', content: 'write 10 words' }] }),
      });
      for await (const _chunk of response.body ?? []) times.push(performance.now());
      expect(response.headers.get('content-encoding')).toBeNull();
      // Each token came when it was sent, not all of them in the end.
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThan(100);
    }
    const whole = await chat(server.url, { model: 'openai/demo-small', ...question });
    expect(served(whole)).toEqual([200, 'openai', 'demo-small']);
    await gateway.close(0);
  });

  it('twice in one process, on one app, shares nothing', async () => {
    const other = await startFakeProvider();
    const lines: { first: unknown[]; second: unknown[] } = { first: [], second: [] };
    const first = createGateway(
      { ...wallConfig(wall), keys: [{ key: 'sk-first-key-0123456789' }] },
      { environment: {}, logger: { log: (line) => lines.first.push(line) } },
    );
    const second = createGateway(
      { ...wallConfig(other), keys: [{ key: 'sk-second-key-0123456789' }] },
      { environment: {}, logger: { log: (line) => lines.second.push(line) } },
    );
    const app = express();
    app.use('/first', first);
    app.use('/second', second);
    const server = await listen(app);
    running.push(server);
    const ask = (mount: 'first' | 'second', key: string, model = 'openai/demo-small') =>
      chat(`${server.url}/${mount}`, { model, ...question }, { headers: { authorization: `Bearer ${key}` } });

    for (let count = 0; count < 6; count += 1) await ask('first', 'sk-first-key-0123456789', 'openai/e500');
    expect((await ask('first', 'sk-second-key-0123456789')).status).toBe(401);
    expect((await ask('second', 'sk-first-key-0123456789')).status).toBe(401);
    expect((await ask('second', 'sk-second-key-0123456789')).status).toBe(200);
    const health = async (mount: string, key: string) =>
      JSON.parse((await get(`${server.url}/${mount}/health`, { authorization: `Bearer ${key}` })).text);
    expect(await health('first', 'sk-first-key-0123456789')).toMatchObject({ status: 'down' });
    expect(await health('second', 'sk-second-key-0123456789')).toMatchObject({ status: 'ok' });
    expect(other.calls).toHaveLength(1);
    expect(lines.second).toHaveLength(2);

    await first.close(0);
    expect((await ask('first', 'sk-first-key-0123456789')).status).toBe(503);
    expect((await ask('second', 'sk-second-key-0123456789')).status).toBe(200);
    await second.close(0);
    await other.close();
  });
});

describe('createGateway from a file', () => {
  it('reads the one GATEWAY_CONFIG names, YAML with variables of the environment', async () => {
    const path = join(folder, 'gateway.yaml');
    writeFileSync(
      path,
      [
        'providers:',
        '  openai: { apiKey: "$' + '{WALL_KEY}", baseUrl: "$' + '{WALL_URL}/v1" }',
        '  google:',
        '    apiKeys: ["$' + '{WALL_KEY}", "$' + '{SECOND_KEY:-a-second-key-0123456789}"]',
        '    baseUrl: $' + '{WALL_URL}',
        'models:',
        '  fast: { targets: [{ model: openai/e429, weight: 1 }], fallback: [gemini/demo-small] }',
        'failover: { retries: 0, deadline: 5s }',
        'keys: [{ key: "$' + '{TEAM_KEY}", user: ana, models: ["*demo*", "openai/e*"] }]',
        'telemetry: { logLevel: debug }',
      ].join('\n'),
    );
    const { url, lines } = await start({
      environment: {
        GATEWAY_CONFIG: path,
        WALL_KEY: 'sk-provider-0123456789',
        WALL_URL: wall.url,
        TEAM_KEY: teamKey,
      },
    });
    const answer = await chat(url, { model: 'fast', ...question }, { headers: { 'x-api-key': teamKey } });
    expect(served(answer)).toEqual([200, 'gemini', 'demo-small']);
    expect(wall.calls.map(({ headers }) => headers.authorization ?? headers['x-goog-api-key'])).toEqual([
      'Bearer sk-provider-0123456789',
      'sk-provider-0123456789',
    ]);
    expect(lines.at(-1)).toMatchObject({ level: 'info', user: 'ana', attempts: 2 });
  });

  it('reads JSON as well', async () => {
    const path = join(folder, 'gateway.json');
    writeFileSync(path, JSON.stringify(wallConfig(wall)));
    const { url } = await start({ environment: { GATEWAY_CONFIG: path } });
    expect(served(await chat(url, { model: 'anthropic/demo-small', ...question }))).toEqual([
      200,
      'anthropic',
      'demo-small',
    ]);
  });

  it('prefers a configuration that is given', async () => {
    const { url } = await start({ config: wallConfig(wall), environment: { GATEWAY_CONFIG: '/does/not/exist.yaml' } });
    expect((await chat(url, { model: 'openai/demo-small', ...question })).status).toBe(200);
  });
});

describe('createGateway from the environment alone', () => {
  it('B15: moves to the equivalent of the next provider, and says who served', async () => {
    const { url, lines } = await start({
      environment: { ...wallEnvironment(), GATEWAY_PROVIDERS: 'openai,anthropic,google', GATEWAY_RETRY_MAX: '0' },
    });
    const body = { model: 'gpt-5.4', ...question };
    expect(served(await chat(url, body))).toEqual([200, 'openai', 'gpt-5.4']);
    wall.script({ status: 500, body: '{}' });
    expect(served(await chat(url, body))).toEqual([200, 'anthropic', 'claude-sonnet-4-6']);
    wall.script({ status: 500, body: '{}' }, { status: 529, body: '{}' });
    expect(served(await chat(url, body))).toEqual([200, 'gemini', 'gemini-3.8-flash']);
    expect(lines.filter(({ message }) => message === 'failed-over')).toHaveLength(3);
  });

  it('B15: guesses nothing for a model the table does not know', async () => {
    const { url } = await start({ environment: { ...wallEnvironment(), GATEWAY_RETRY_MAX: '0' } });
    const answer = await chat(url, { model: 'openai/e500', ...question });
    expect([answer.status, wall.calls.length]).toEqual([502, 1]);
  });

  it('B15: follows GATEWAY_FALLBACKS in place of the table, and turns the table off', async () => {
    const environment = { ...wallEnvironment(), GATEWAY_RETRY_MAX: '0' };
    const named = await start({
      environment: { ...environment, GATEWAY_FALLBACKS: 'gpt-5.4=gemini/demo-small|anthropic/demo-large' },
    });
    wall.script({ status: 500, body: '{}' });
    expect(served(await chat(named.url, { model: 'gpt-5.4', ...question }))).toEqual([200, 'gemini', 'demo-small']);
    wall.script({ status: 500, body: '{}' }, { status: 500, body: '{}' });
    expect(served(await chat(named.url, { model: 'gpt-5.4', ...question }))).toEqual([200, 'anthropic', 'demo-large']);
    const off = await start({ environment: { ...environment, GATEWAY_FALLBACKS: 'off' } });
    wall.reset();
    wall.script({ status: 500, body: '{}' });
    expect((await chat(off.url, { model: 'gpt-5.4', ...question })).status).toBe(502);
    expect(wall.calls).toHaveLength(1);
  });

  it('shares the load by GATEWAY_WEIGHTS', async () => {
    const { url } = await start({ environment: { ...wallEnvironment(), GATEWAY_WEIGHTS: 'openai:1,anthropic:1' } });
    const answers = await Promise.all(Array.from({ length: 40 }, () => chat(url, { model: 'gpt-5.4', ...question })));
    const providers = new Set(answers.map(({ headers }) => headers.get('x-provider')));
    expect([...providers].sort()).toEqual(['anthropic', 'openai']);
  });

  it('asks for the keys of GATEWAY_API_KEYS', async () => {
    const { url, lines } = await start({
      environment: { ...wallEnvironment(), GATEWAY_API_KEYS: `search:${teamKey}` },
    });
    const body = { model: 'openai/demo-small', ...question };
    expect((await chat(url, body)).status).toBe(401);
    expect((await chat(url, body, { headers: { authorization: `Bearer ${teamKey}` } })).status).toBe(200);
    expect(lines.at(-1)).toMatchObject({ key_id: 'search' });
  });

  it('serves a server of its own beside the known ones', async () => {
    const { url } = await start({
      environment: {
        GATEWAY_PROVIDER_LAB_BASE_URL: wall.baseUrl('openai-chat'),
        GATEWAY_PROVIDER_LAB_MODELS: 'llama-lab',
        OLLAMA_BASE_URL: wall.baseUrl('openai-chat'),
      },
    });
    expect(served(await chat(url, { model: 'llama-lab', ...question }))).toEqual([200, 'lab', 'llama-lab']);
    expect(served(await chat(url, { model: 'ollama/qwen3', ...question }))).toEqual([200, 'ollama', 'qwen3']);
  });

  it('warns of each GATEWAY_ variable it does not read, and of no other', async () => {
    const { lines } = await start({
      environment: {
        ...wallEnvironment(),
        GATEWAY_CACHE_TTL: '300',
        GATEWAY_WEIGTHS: 'openai:1',
        GATEWAY_API_KEYS: teamKey,
        PATH: '/bin',
        NOT_GATEWAY_X: '1',
      },
    });
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', expect.stringContaining('GATEWAY_CACHE_TTL')],
      ['warn', expect.stringContaining('GATEWAY_WEIGTHS')],
    ]);
  });

  it.each([
    [{}, 'no provider is configured'],
    [{ GATEWAY_RETRY_MAX: '-1' }, 'GATEWAY_RETRY_MAX'],
    [{ GATEWAY_RETRY_MAX: '11' }, 'GATEWAY_RETRY_MAX'],
    [{ GATEWAY_RETRY_MAX: 'two' }, 'GATEWAY_RETRY_MAX'],
    [{ GATEWAY_PROVIDERS: 'openai' }, 'OPENAI_API_KEY'],
    [{ OPENAI_API_KEY: 'sk-x', GATEWAY_PROVIDERS: 'opnai' }, 'openai'],
    [{ OPENAI_API_KEY: 'sk-x', GATEWAY_FALLBACKS: 'gpt-5.4=gpt-5.4' }, 'GATEWAY_FALLBACKS'],
    [{ OPENAI_API_KEY: 'sk-x', GATEWAY_API_KEYS: ',' }, 'GATEWAY_API_KEYS'],
    [{ OPENAI_API_KEY: 'sk-x', GATEWAY_API_KEYS: 'ana:short' }, 'GATEWAY_API_KEYS entry 1'],
    [{ OPENAI_API_KEY: 'sk-x', OPENAI_BASE_URL: 'not a url' }, 'OPENAI_BASE_URL'],
    [
      { GATEWAY_CONFIG: '/does/not/exist.yaml' },
      '/does/not/exist.yaml: the configuration file cannot be read (ENOENT)',
    ],
  ])('refuses %j and says what to change', (environment, text) => {
    expect(refusal(() => createGateway(undefined, { environment }))).toContain(text);
  });
});
