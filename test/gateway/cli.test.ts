import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type FakeProvider, startFakeProvider } from '../../src/testing/index.ts';
import { chat, until } from '../support/test-app.ts';
import { type CliRun, startCli } from './support/cli.ts';
import { get, question, teamKey } from './support/gateway-app.ts';

let wall: FakeProvider;
let folder: string;
const runs: CliRun[] = [];

beforeAll(async () => {
  wall = await startFakeProvider();
  folder = mkdtempSync(join(tmpdir(), 'gateway-cli-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await wall.close();
});
afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.child.kill('SIGKILL');
    await run.exit;
  }
  wall.reset();
});

function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): CliRun {
  const run = startCli(args, environment);
  runs.push(run);
  return run;
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const logLines = (run: CliRun): readonly Record<string, unknown>[] =>
  run
    .stdout()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));

/** A running program whose one provider is the wall. */
function startBeforeWall(): CliRun {
  return start(['--port', '0'], {
    OPENAI_API_KEY: 'sk-provider-0123456789',
    OPENAI_BASE_URL: wall.baseUrl('openai-chat'),
    GATEWAY_API_KEYS: teamKey,
  });
}
const headers = { authorization: `Bearer ${teamKey}` };

describe('ai-gateway', () => {
  it('without any configuration serves built-in demo providers, and says so', async () => {
    const run = start(['--port', '0']);
    const url = await run.url;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await until(() => run.stderr().includes('curl'));
    expect(run.stderr()).toContain('demo providers');
    expect(run.stderr()).toContain(`curl -N ${url}/v1/chat/completions -d '{"model":"demo"`);
    const [some, moved, cut] = await Promise.all([
      chat(url, { model: 'demo', ...question }),
      chat(url, { model: 'demo-failover', stream: true, ...question }),
      chat(url, { model: 'openai/cut(3)', stream: true, ...question }),
    ]);
    expect([some.status, some.text.includes('[demo]')]).toEqual([200, true]);
    expect([moved.headers.get('x-provider'), moved.broken]).toEqual(['anthropic', false]);
    expect([cut.status, cut.broken]).toEqual([200, true]);
    expect(JSON.parse((await get(`${url}/v1/models`)).text).data[0].id).toBe('demo');
    const missing = await get(`${url}/nothing/here`);
    expect([missing.status, JSON.parse(missing.text).error.code]).toEqual([404, 'not_found']);
    run.child.kill('SIGTERM');
    expect(await run.exit).toBe(0);
    const calls = logLines(run).filter(({ message }) => message === 'call');
    expect(calls.map(({ status }) => status)).toEqual(expect.arrayContaining(['ok', 'upstream_truncated']));
  });

  it('runs a configuration file', async () => {
    const config = file(
      'gateway.yaml',
      `providers: { gemini: { apiKey: "$\{WALL_KEY}", baseUrl: "${wall.url}" } }\nkeys: [{ key: "${teamKey}" }]\n`,
    );
    const run = start(['--config', config, '--port', '0', '--host', '127.0.0.1'], { WALL_KEY: 'provider-0123456789' });
    const url = await run.url;
    expect((await chat(url, { model: 'gemini/demo-small', ...question })).status).toBe(401);
    const answer = await chat(url, { model: 'gemini/demo-small', ...question }, { headers });
    expect([answer.status, answer.headers.get('x-provider')]).toEqual([200, 'gemini']);
    run.child.kill('SIGINT');
    expect(await run.exit).toBe(0);
  });

  it('LC-01: on SIGTERM lets a running stream finish, tells others that it shuts down, and ends with 0', async () => {
    const run = startBeforeWall();
    const url = await run.url;
    const body = { model: 'openai/demo-small+pace(20)', stream: true };
    const stream = chat(url, { ...body, messages: [{ role: 'user', content: 'write 60 words' }] }, { headers });
    await until(() => (wall.calls[0]?.contentChunks ?? 0) > 3);
    run.child.kill('SIGTERM');
    let health = await get(`${url}/health`);
    while (health.status === 200) health = await get(`${url}/health`);
    expect([health.status, health.text]).toEqual([503, '{"status":"shutting_down"}']);
    const refused = await chat(url, { model: 'openai/demo-small', ...question }, { headers });
    expect([refused.status, JSON.parse(refused.text).error.code]).toEqual([503, 'shutting_down']);
    const { broken, text } = await stream;
    expect([broken, text.includes('word60'), text.trimEnd().endsWith('data: [DONE]')]).toEqual([false, true, true]);
    expect(await run.exit).toBe(0);
    expect(logLines(run).filter(({ message, status }) => message === 'call' && status === 'ok')).toHaveLength(1);
  });

  it('ends at once at a second signal', async () => {
    const run = startBeforeWall();
    const url = await run.url;
    const waiting = chat(url, { model: 'openai/nohdr', ...question }, { headers }).catch(() => 'gone');
    await until(() => wall.stats().open === 1);
    run.child.kill('SIGTERM');
    while ((await get(`${url}/health`)).status === 200);
    run.child.kill('SIGTERM');
    expect(await run.exit).toBe('SIGTERM');
    expect(await waiting).toBe('gone');
  });

  it('prints its options when asked', async () => {
    const run = start(['--help']);
    expect(await run.exit).toBe(0);
    expect(run.stdout()).toContain('--config FILE');
  });

  const oneProvider = { OPENAI_API_KEY: 'sk-provider-0123456789' };

  it('refuses what cannot work with status 2 and one line that says why', async () => {
    const port = new URL(wall.url).port;
    const cases: readonly (readonly [string[], Record<string, string>, string])[] = [
      [['--port', 'eighty'], {}, '--port must be a number from 0 to 65535'],
      [['--port', '65536'], {}, '--port must be a number from 0 to 65535'],
      [['--prot', '80'], {}, "Unknown option '--prot'"],
      [['gateway.yaml'], {}, 'gateway.yaml'],
      [
        ['--config', '/does/not/exist.yaml'],
        {},
        '/does/not/exist.yaml: the configuration file cannot be read (ENOENT)',
      ],
      [['--config', file('bad.yaml', 'providers:\n  openai: {apiKey: "x"\n')], {}, 'bad.yaml:3:1: '],
      [['--config', file('cache.yaml', 'cache: {}\n')], {}, 'remove the section "cache"'],
      [[], { ...oneProvider, GATEWAY_RETRY_MAX: 'many' }, 'GATEWAY_RETRY_MAX must be a whole number'],
      [['--port', port], oneProvider, `cannot listen on 127.0.0.1:${port} (EADDRINUSE)`],
    ];
    const ended = await Promise.all(
      cases.map(async ([args, environment]) => {
        const run = start(args, environment);
        return { exit: await run.exit, text: run.stderr().trimEnd() };
      }),
    );
    for (const [index, { exit, text }] of ended.entries()) {
      expect([exit, text]).toEqual([2, expect.stringContaining(cases[index]?.[2] ?? '')]);
      expect(text).not.toMatch(/^\s+at /m);
      expect(text).not.toContain('sk-provider');
    }
    // Nine programs at once, on a machine that may be busy.
  }, 60_000);
});
