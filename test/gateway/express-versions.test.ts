import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import express5 from 'express';
import OpenAI from 'openai';
import { createGateway as createGateway5 } from '../../src/index.ts';
import type { LogEntry } from '../../src/telemetry/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, listen, until } from '../support/test-app.ts';
import { get, question, teamKey, wallConfig } from './support/gateway-app.ts';

// Express 4 brings no types of its own; what is used of it here has not changed since.
const express4: typeof express5 = createRequire(import.meta.url)('express4');

// The gateway once more, as it is where Express 4 is what gets installed.
jest.resetModules();
jest.unstable_mockModule('express', () => ({ default: express4 }));
const { createGateway: createGateway4 } = await import('../../src/index.ts');

let wall: FakeProvider;
const running: (() => Promise<void>)[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
});
afterAll(() => wall.close());
afterEach(async () => {
  for (const stop of running.splice(0)) await stop();
  await wall.whenIdle();
  wall.reset();
});

it('are two versions', () => {
  expect(createGateway4).not.toBe(createGateway5);
  expect(Object.keys(express4.Router())).not.toEqual(Object.keys(express5.Router()));
});

describe.each([
  ['Express 4', express4, createGateway4],
  ['Express 5', express5, createGateway5],
  ["Express 4 with Express 5's router", express4, createGateway5],
  ["Express 5 with Express 4's router", express5, createGateway4],
] as const)('a gateway on %s', (_name, express, createGateway) => {
  async function start(parser: 'parsed' | 'raw') {
    const lines: LogEntry[] = [];
    const gateway = createGateway(
      { ...wallConfig(wall), keys: [{ key: teamKey }] },
      { environment: {}, logger: { log: (line) => lines.push(line) } },
    );
    const app = express();
    if (parser === 'parsed') app.use(express.json());
    app.use('/api', gateway);
    app.use((_request: unknown, response: { status(code: number): { json(body: object): void } }) => {
      response.status(404).json({ from: 'the app' });
    });
    const server = await listen(app);
    running.push(async () => {
      await server.close();
      await gateway.close(0);
    });
    return { url: `${server.url}/api`, lines, gateway };
  }

  it.each(['raw', 'parsed'] as const)('serves the OpenAI SDK, the body %s', async (parser) => {
    const { url, lines } = await start(parser);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: teamKey, maxRetries: 0 });
    for (const provider of ['openai', 'anthropic', 'gemini']) {
      const model = `${provider}/demo-small`;
      const messages = [{ role: 'user' as const, content: 'say: hello' }];
      const completion = await client.chat.completions.create({ model, messages });
      expect(completion.choices[0]?.message.content).toBe('hello');
      expect(await client.chat.completions.stream({ model, messages }).finalContent()).toBe('hello');
    }
    expect((await client.models.list()).data.length).toBeGreaterThan(3);
    await until(() => lines.length === 7);
    expect(lines.map(({ status }) => status)).toEqual(Array(7).fill('ok'));
  });

  it('answers errors in its own words and leaves other paths to the app', async () => {
    const { url } = await start('raw');
    const headers = { authorization: `Bearer ${teamKey}` };
    const broken = await chat(url, '{"model":', { headers });
    expect([broken.status, JSON.parse(broken.text).error.code]).toEqual([400, 'invalid_json']);
    const refused = await chat(url, { model: 'openai/e500', ...question });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([401, 'missing_api_key']);
    for (const path of [
      '/v1/completions',
      '/v1/chat/completions/x',
      '/v1/chats',
      '/v2/models',
      '/modelsx',
      '/healthz',
    ]) {
      const { status, text } = await get(`${url}${path}`, headers);
      expect([path, status, text]).toEqual([path, 404, '{"from":"the app"}']);
    }
  });

  it('breaks a broken stream and notices a caller that leaves', async () => {
    const { url, lines } = await start('parsed');
    const headers = { authorization: `Bearer ${teamKey}`, 'content-type': 'application/json' };
    const cut = await chat(url, { model: 'gemini/cut(3)', stream: true, ...question }, { headers });
    expect([cut.status, cut.broken, cut.text.includes('upstream_truncated')]).toEqual([200, true, true]);
    const controller = new AbortController();
    const left = chat(url, { model: 'openai/nohdr', ...question }, { headers, signal: controller.signal });
    await until(() => wall.stats().open === 1);
    controller.abort();
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    await until(() => wall.stats().aborted === 1);
    await until(() => lines.length === 2);
    expect(lines.map(({ status }) => status)).toEqual(['upstream_truncated', 'client_abort']);
  });
});
