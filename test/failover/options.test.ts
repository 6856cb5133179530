import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { resolveFailoverSettings } from '../../src/failover/options.ts';
import { createGateway, loadConfig } from '../../src/index.ts';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { question, refusal, startGateway } from '../gateway/support/gateway-app.ts';
import { chat } from '../support/test-app.ts';

let wall: FakeProvider;
let folder: string;
beforeAll(async () => {
  wall = await startFakeProvider();
  folder = mkdtempSync(join(tmpdir(), 'failover-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await wall.close();
});

function load(failover: string, hasty: string) {
  const path = join(folder, 'gateway.yaml');
  const openai = `type: openai, apiKey: provider-0123456789, baseUrl: "${wall.baseUrl('openai-chat')}"`;
  writeFileSync(
    path,
    `providers:\n  usual: { ${openai} }\n  hasty: { ${openai}, ${hasty} }\nfailover: { retries: 0, ${failover} }\n`,
  );
  return loadConfig(path, {});
}

describe('B4: the error threshold', () => {
  it('is that of the section failover, and of a provider where its entry has one', async () => {
    const config = load('errorThreshold: 3, cooldown: 20m', 'errorThreshold: 2, cooldown: 1h');
    const server = await startGateway({ config });
    try {
      for (const provider of ['usual', 'hasty']) {
        for (let count = 0; count < 4; count += 1) {
          await chat(server.url, { model: `${provider}/e500`, ...question });
        }
      }
      const ejected = server.lines.filter(({ message }) => message === 'target-ejected');
      expect(ejected).toMatchObject([
        { target: 'usual/e500', consecutive_failures: 3 },
        { target: 'hasty/e500', consecutive_failures: 2 },
      ]);
      expect(ejected.map(({ duration_ms }) => Math.round(Number(duration_ms) / 60_000))).toEqual([20, 60]);
    } finally {
      await server.close();
    }
  });

  it.each([
    ['errorThreshold: 0', '', 'failover(): "errorThreshold" must be 1 or more'],
    ['errorThreshold: 1.5', '', 'failover(): "errorThreshold" must be a whole number'],
    ['errorTreshold: 2', '', '(did you mean "errorThreshold"?)'],
    ['maxAttempts: 6', 'errorThreshold: 1001', 'providers.hasty: "errorThreshold" must be 1000 or less'],
    ['maxAttempts: 6', 'cooldown: 30', 'providers.hasty: "cooldown" must be a duration with its unit'],
  ])('is refused as %s and %s', (failover, hasty, message) => {
    const config = load(failover, hasty);
    expect(refusal(() => createGateway(config, { environment: {}, logger: { log: () => {} } }))).toContain(message);
  });
});

describe('docs/failover.md', () => {
  it('lists the settings of the section failover, then the other options', () => {
    const page = readFileSync('docs/failover.md', 'utf8');
    const listed = [...(page.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \|/gm)].map(([, option]) => option);
    const message = refusal(() => resolveFailoverSettings(JSON.parse('{ "zzzzzzzzzz": 1 }')));
    const settings = (/\(known: ([^)]+)\)/.exec(message)?.[1] ?? '').split(', ');
    expect(listed).toEqual([...settings, 'providers', 'models', 'media', 'onEvent']);
  });
});
