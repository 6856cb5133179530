import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGateway, type GatewayConfig, loadConfig } from '../../../src/index.ts';
import type { LogEntry } from '../../../src/telemetry/index.ts';
import { type BlackHole, startBlackHole } from '../../../src/testing/index.ts';
import { refusal } from '../support/gateway-app.ts';

let folder: string;
let path: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-config-'));
  path = join(folder, 'gateway.yaml');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(text: string, environment: Readonly<Record<string, string>> = {}): GatewayConfig {
  writeFileSync(path, text);
  return loadConfig(path, environment);
}

/** `${name}`, which the linter would take for a slip in a plain string. */
const filled = (name: string): string => `$\{${name}}`;

describe('loadConfig', () => {
  it('fills in variables and their defaults, inside texts and lists too', () => {
    const text = [
      'providers:',
      `  lab: { type: openai-compatible, baseUrl: "http://${filled('HOST')}:${filled('PORT:-8000')}/v1" }`,
      `  openai: { apiKeys: ["${filled('A')}", "${filled('B:-')}x", "${filled('A')}"] }`,
      'telemetry:',
      `  logLevel: ${filled('LEVEL:-debug')}`,
    ].join('\n');
    expect(load(text, { HOST: '10.0.0.5', A: 'one' })).toEqual({
      providers: {
        lab: { type: 'openai-compatible', baseUrl: 'http://10.0.0.5:8000/v1' },
        openai: { apiKeys: ['one', 'x', 'one'] },
      },
      telemetry: { logLevel: 'debug' },
    });
  });

  it('never takes the value of a variable for structure or for another variable', () => {
    const value = `x" }\nkeys: [{ key: evil }]\n${filled('OTHER')} *alias &anchor`;
    expect(load(`providers: { openai: { apiKey: "${filled('KEY')}" } }`, { KEY: value, OTHER: 'leak' })).toEqual({
      providers: { openai: { apiKey: value } },
    });
  });

  it('names the variable that is missing and where it is needed, and tells nothing of the others', () => {
    const message = refusal(() =>
      load(`keys: [{ key: ok }, { key: "${filled('TEAM_KEY')}" }]`, { TEAM_KEYS: 'sk-canary-0123456789' }),
    );
    expect(message).toBe(
      `${path}: "keys.1.key" needs the environment variable TEAM_KEY; set it, or write ${filled('TEAM_KEY:-default')}`,
    );
  });

  it.each([
    ['providers:\n  openai: {apiKey: "x"\n', 3, 1],
    ['providers:\n  openai: [1, 2}\n', 2, 16],
    ['providers: {}\nmodels: {}\nproviders: {}\n', 3, 1],
    ['providers:\n\topenai: {}\n', 2, 1],
    ['providers: "no end\n', 2, 1],
    ['{"providers": {"openai": {},}}}', 1, 31],
    ['a: 1\n---\nb: 2\n', 2, 1],
    ['? [1, 2]\n: 3\n', 1, 3],
    ['@at: 1\n', 1, 1],
  ])('says in which line and column %j is wrong', (text, line, column) => {
    expect(refusal(() => load(text))).toMatch(new RegExp(`^${path}:${line}:${column}: \\S`));
  });

  it.each([
    ['providers: *nobody', 'Unresolved alias'],
    [
      `a: &a [x, x, x]\n${[...'bcdefg'].map((name, at) => `${name}: &${name} [${`*${'abcdef'[at]},`.repeat(9)}]`).join('\n')}\n`,
      'Excessive alias count',
    ],
    ['', 'must hold an object'],
    ['- providers\n', 'must hold an object'],
    ['providers', 'must hold an object'],
    ['provider: { openai: {} }', 'unknown option "provider" (did you mean "providers"?)'],
    ['telemetry: { loglevel: info }', 'unknown option "telemetry.loglevel" (did you mean "logLevel"?)'],
    ['telemetry: { logLevel: loud }', '"telemetry.logLevel" must be error, warn, info, debug or silent'],
    ['telemetry: { redact: [abc] }', '"telemetry.redact.0" must have at least 4 characters'],
    ['auth: jwt', '"auth" must be an object: how callers are known'],
    ['server: { bodyLimit: 1000 }', '"server.bodyLimit" must be a size with its unit'],
    ['server: { bodyLimit: 1 parsec }', '"server.bodyLimit" must be a size with its unit'],
    ['keys: sk-canary-0123456789', '"keys" must be a list of keys'],
    ['keys:', '"keys" must be a list of keys'],
    ['providers: [openai]', '"providers" must be an object'],
    ['models: gpt-4o', '"models" must be an object'],
    ['failover: 3', '"failover" must be an object'],
    ['__proto__: { polluted: true }', 'unknown option "__proto__"'],
    ['constructor: { prototype: {} }', 'unknown option "constructor"'],
  ])('refuses %j and says why', (text, why) => {
    expect(refusal(() => load(text))).toContain(why);
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    ['cache', 'the cache'],
    ['guardrails', 'guardrails'],
    ['prompts', 'prompt templates'],
  ])('refuses the section %s by name: a limit nobody keeps must not be believed in', (section, what) => {
    expect(refusal(() => load(`providers: { openai: {} }\n${section}: {}\n`))).toBe(
      `${path}: this version does not have ${what}; remove the section "${section}"`,
    );
  });

  it('reads no folder and no missing file', () => {
    expect(refusal(() => loadConfig(folder, {}))).toContain('cannot be read (EISDIR)');
    expect(refusal(() => loadConfig(join(folder, 'none.yaml'), {}))).toContain('cannot be read (ENOENT)');
  });

  it('I6: quotes nothing of a file that cannot be read, wherever it is damaged', () => {
    const whole = [
      'providers:',
      '  openai: { apiKey: "sk-canary-1" }',
      "  anthropic: { apiKeys: ['sk-canary-2', sk-canary-3] }",
      '  gemini:',
      '    apiKey: |',
      '      sk-canary-4',
      'keys:',
      '  - { key: sk-canary-5, models: ["a"] }',
    ].join('\n');
    let refused = 0;
    for (let at = 0; at <= whole.length; at += 3) {
      for (const damage of ['"', '{', ']', ':', '\n', '\t', '*', '&', '|', '>', '`', '@', '---\n']) {
        try {
          load(whole.slice(0, at) + damage + whole.slice(at));
        } catch (thrown) {
          refused += 1;
          expect(thrown).toMatchObject({ name: 'ConfigurationError', message: expect.not.stringContaining('canary') });
        }
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});

describe('AD-15: a configuration that can be read but not used', () => {
  let hole: BlackHole;
  beforeAll(async () => {
    hole = await startBlackHole();
  });
  afterAll(() => hole.close());

  const good = (): GatewayConfig => ({
    providers: { openai: { apiKey: 'sk-canary-provider-1', baseUrl: hole.url } },
    models: { assistant: { targets: ['openai/gpt-5.4'] } },
    keys: [{ key: 'sk-canary-gateway-1' }],
  });

  it.each<[string, Partial<Record<keyof GatewayConfig, unknown>>, string]>([
    ['unknown provider', { providers: { opnai: {} } }, 'did you mean "openai"'],
    ['no provider', { providers: {} }, 'at least one provider'],
    ['address without a key', { providers: { openai: { baseUrl: 'http://x' } } }, 'providers.openai'],
    ['not a URL', { providers: { openai: { apiKey: 'sk-canary-2', baseUrl: 'ftp://x' } } }, 'providers.openai.baseUrl'],
    [
      'credentials in a URL',
      { providers: { openai: { apiKey: 'sk-canary-2', baseUrl: 'http://user:canary@x' } } },
      'providers.openai.baseUrl',
    ],
    ['a key with a line end', { providers: { openai: { apiKey: 'sk-canary\n-2' } } }, 'providers.openai.apiKey'],
    ['unknown target', { models: { m: { targets: ['nobody/x'] } } }, 'models'],
    ['empty chain', { models: { m: { targets: [] } } }, 'models'],
    ['circle', { models: { a: { targets: ['openai/x'], fallback: ['a'] } } }, 'lead back'],
    ['a short key', { keys: [{ key: 'canary' }] }, 'keys.0'],
    ['the same key twice', { keys: [{ key: 'sk-canary-gateway-2' }, { key: 'sk-canary-gateway-2' }] }, 'same key'],
    ['a key that names itself', { keys: [{ key: 'sk-canary-gateway-2', id: 'sk-canary-gateway-2' }] }, 'keys.0'],
    ['no keys', { keys: [] }, 'keys'],
    ['a number without a unit', { failover: { deadline: 30 } }, '"deadline" must be a duration'],
    ['unknown setting', { failover: { retrys: 2 } }, 'did you mean "retries"'],
  ])('%s: is refused as a whole, before anything is opened or logged, and without its keys', (_what, change, why) => {
    const lines: LogEntry[] = [];
    const config = { ...good(), ...change } as GatewayConfig;
    const before = JSON.stringify(config);
    const message = refusal(() =>
      createGateway(config, { environment: {}, logger: { log: (line) => lines.push(line) } }),
    );
    expect(message).toContain(why);
    expect(message).not.toContain('canary');
    expect(lines).toEqual([]);
    expect(hole.sockets).toBe(0);
    expect(JSON.stringify(config)).toBe(before);
  });

  it('and a good one opens nothing and is left as it was, frozen or not', async () => {
    const config = deepFreeze(good());
    const gateway = createGateway(config, { environment: Object.freeze({}), logger: { log: () => {} } });
    expect(hole.sockets).toBe(0);
    await gateway.close(0);
  });
});

function deepFreeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member);
  return Object.freeze(value);
}
