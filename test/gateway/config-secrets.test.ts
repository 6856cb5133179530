import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createGateway, type GatewayConfig, loadConfig } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat } from '../support/test-app.ts';
import { type GatewayServer, get, question, startGateway } from './support/gateway-app.ts';

const canary = 'canary-0123456789abcdef';
/** Every secret a configuration can hold, each under a name of its own. */
const secrets = {
  OPENAI_KEY: `sk-provider-${canary}`,
  SECOND_KEY: `sk-second-${canary}`,
  CALLER_KEY: `sk-caller-${canary}`,
  HEADER_TOKEN: `token-header-${canary}`,
  WEBHOOK_SECRET: `webhook-${canary}`,
};

/** How a configuration file names a variable. */
const read = (name: keyof typeof secrets): string => ['$', '{', name, '}'].join('');

const yaml = (baseUrl: string): string => `
providers:
  openai:
    apiKeys: ['${read('OPENAI_KEY')}', '${read('SECOND_KEY')}']
    baseUrl: ${baseUrl}
    headers: { x-token: '${read('HEADER_TOKEN')}' }
    prices: { '*': { input: 1, output: 1 } }
keys:
  - { key: '${read('CALLER_KEY')}', id: ana }
budgets:
  list: [{ per: global, limit: 1000, period: day }]
  webhook: { url: 'http://127.0.0.1:9/hook', secret: '${read('WEBHOOK_SECRET')}' }
`;

let wall: FakeProvider;
let folder: string;
let server: GatewayServer | undefined;

beforeAll(async () => {
  wall = await startFakeProvider();
  folder = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await wall.close();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
});

function load(environment: Record<string, string>, text = yaml(wall.baseUrl('openai-chat'))): GatewayConfig {
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, text);
  return loadConfig(path, environment);
}

describe('AD-18: the secrets of a configuration', () => {
  it('are read from an environment that stays as it is', () => {
    const given = Object.freeze({ ...secrets, OPENAI_API_KEY: secrets.OPENAI_KEY });
    const before = { ...process.env };
    const gateway = createGateway(load(given), { environment: given, logger: { log: () => {} } });
    expect(given).toEqual({ ...secrets, OPENAI_API_KEY: secrets.OPENAI_KEY });
    expect({ ...process.env }).toEqual(before);
    return gateway.close(0);
  });

  it('are in nothing that a dump of the gateway or a crash report would print', async () => {
    server = await startGateway({ config: load(secrets) });
    const headers = { authorization: `Bearer ${secrets.CALLER_KEY}` };
    expect((await chat(server.url, { model: 'openai/demo-small', ...question }, { headers })).status).toBe(200);
    const { gateway, lines } = server;
    const deep = { depth: Number.POSITIVE_INFINITY, showHidden: true, getters: true, maxStringLength: null } as const;
    for (const dump of [inspect(gateway, deep), JSON.stringify(gateway) ?? '', JSON.stringify(lines)]) {
      expect(dump).not.toContain(canary);
    }
  });

  it.each([
    ['a wrong option', 'apiKeys:', 'apiKeyz:'],
    ['a value of the wrong kind', `'${read('SECOND_KEY')}'`, `{ key: '${read('SECOND_KEY')}' }`],
    ['a key that is a list', `'${read('CALLER_KEY')}'`, `['${read('CALLER_KEY')}']`],
    ['a period there is not', 'period: day', `period: '${read('WEBHOOK_SECRET')}'`],
    ['broken YAML', 'keys:', `keys: '${read('CALLER_KEY')}`],
  ])('are in no error about it: %s', (_what, right, wrong) => {
    const text = yaml(wall.baseUrl('openai-chat'));
    expect(text).toContain(right);
    let thrown: unknown;
    try {
      createGateway(load(secrets, text.replace(right, wrong)), { environment: {}, logger: { log: () => {} } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'ConfigurationError' });
    expect(inspect(thrown, { depth: Number.POSITIVE_INFINITY, showHidden: true })).not.toContain(canary);
  });

  it('are told by no route', async () => {
    server = await startGateway({ config: load(secrets) });
    const roots = ['', '/v1', '/admin', '/v1/admin'];
    const names = [
      'env',
      '.env',
      'config',
      'configuration',
      'debug',
      'settings',
      'vars',
      'providers',
      'keys',
      'metrics',
    ];
    for (const path of roots.flatMap((root) => names.map((name) => `${root}/${name}`))) {
      for (const headers of [{}, { authorization: `Bearer ${secrets.CALLER_KEY}` }]) {
        const { status, text } = await get(server.url + path, headers);
        expect([path, status]).toEqual([path, expect.any(Number)]);
        expect([401, 403, 404]).toContain(status);
        expect(text).not.toContain(canary);
      }
    }
    expect((await get(`${server.url}/health`)).text).toBe('{"status":"ok"}');
  });
});
