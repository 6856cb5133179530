import { describe, expect, it } from '@jest/globals';
import { resolveProviders } from '../../src/providers/resolve-providers.ts';
import { instancesOf, refusal } from './support.ts';

describe('a known provider', () => {
  it('needs only its key', () => {
    const instance = instancesOf({ openai: { apiKey: 'sk-one' } }).get('openai');
    expect(instance).toMatchObject({
      name: 'openai',
      origin: 'https://api.openai.com',
      basePath: '/v1',
      apiKeys: ['sk-one'],
      headers: {},
      models: [],
      weight: 1,
      priority: 1,
      timeouts: { connect: 2_000, firstToken: 60_000, idle: 30_000, total: 600_000 },
    });
  });

  it('takes its key and base URL from its own variables when the options have none', () => {
    const environment = { OPENAI_API_KEY: 'sk-a, sk-b', OPENAI_BASE_URL: 'http://127.0.0.1:9000/api' };
    const instance = resolveProviders({ openai: {} }, environment).get('openai');
    expect(instance).toMatchObject({ origin: 'http://127.0.0.1:9000', basePath: '/api', apiKeys: ['sk-a', 'sk-b'] });
  });

  it('prefers what the options say', () => {
    const environment = { OPENAI_API_KEY: 'sk-env', OPENAI_BASE_URL: 'http://127.0.0.1:9000' };
    const options = { openai: { apiKeys: ['sk-1', 'sk-2'], baseUrl: 'https://eu.api.openai.com/v1' } };
    const instance = resolveProviders(options, environment).get('openai');
    expect(instance).toMatchObject({ origin: 'https://eu.api.openai.com', apiKeys: ['sk-1', 'sk-2'] });
  });

  it('has its own name when it is configured by its alias', () => {
    const instances = instancesOf({ google: { apiKey: 'k' } });
    expect([...instances.keys()]).toEqual(['gemini']);
    expect(instances.get('gemini')?.provider.name).toBe('gemini');
  });

  it('carries its own headers and the operator\u0027s, in lower case', () => {
    const instance = instancesOf({ anthropic: { apiKey: 'k', headers: { 'Anthropic-Beta': 'x', 'X-Team': 'a b' } } });
    expect(instance.get('anthropic')?.headers).toEqual({
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'x',
      'x-team': 'a b',
    });
  });

  it('takes durations, a weight and a priority', () => {
    const instance = instancesOf({
      openai: { apiKey: 'k', timeouts: { connect: '500ms', total: '5m' }, weight: 30, priority: 2 },
    }).get('openai');
    expect(instance).toMatchObject({
      timeouts: { connect: 500, firstToken: 60_000, idle: 30_000, total: 300_000 },
      weight: 30,
      priority: 2,
    });
  });

  it('leaves the options as they were', () => {
    const options = Object.freeze({
      openai: Object.freeze({ apiKeys: Object.freeze(['a']), models: Object.freeze(['m']) }),
    });
    expect(() => instancesOf(options)).not.toThrow();
  });
});

describe('an entry with a name of its own', () => {
  it('is an OpenAI-compatible server that needs no key', () => {
    const instance = instancesOf({
      'my-vllm': { type: 'openai-compatible', baseUrl: 'http://10.0.0.5:8000/v1', models: ['llama-3.3-70b'] },
    }).get('my-vllm');
    expect(instance).toMatchObject({ name: 'my-vllm', basePath: '/v1', apiKeys: [], models: ['llama-3.3-70b'] });
    expect(instance?.provider.name).toBe('openai-compatible');
  });

  it('may be any known provider, by name or alias', () => {
    const instances = instancesOf({
      'openai-eu': { type: 'openai', apiKey: 'k' },
      lab: { type: 'google', apiKey: 'k' },
    });
    expect([...instances.values()].map(({ provider }) => provider.name)).toEqual(['openai', 'gemini']);
  });

  it('does not inherit the key of the provider\u0027s own variable', () => {
    const environment = { OPENAI_API_KEY: 'sk-env' };
    expect(refusal(() => resolveProviders({ 'openai-eu': { type: 'openai' } }, environment))).toBe(
      'providers.openai-eu has no API key. Set its option "apiKey".',
    );
  });

  it('may carry a credential of its own kind in a header when it has no key', () => {
    const options = {
      lab: { type: 'openai-compatible', baseUrl: 'http://lab', headers: { Authorization: 'Basic eA==' } },
    };
    expect(instancesOf(options).get('lab')?.headers).toEqual({ authorization: 'Basic eA==' });
  });
});

describe('a base URL', () => {
  it.each([
    ['openai', 'http://127.0.0.1:8080', ''.concat('/v1')],
    ['openai', 'http://127.0.0.1:8080/', '/v1'],
    ['openai', 'http://127.0.0.1:8080/v1/', '/v1'],
    ['openai', 'https://gateway.example/openai', '/openai'],
    ['groq', 'http://127.0.0.1:8080', '/openai/v1'],
    ['deepseek', 'http://127.0.0.1:8080', ''],
    ['deepseek', 'http://127.0.0.1:8080/v1', '/v1'],
    ['anthropic', 'http://127.0.0.1:8080', ''],
    ['anthropic', 'http://127.0.0.1:8080/v1', ''],
    ['anthropic', 'https://gateway.example/anthropic', '/anthropic'],
    ['anthropic', 'https://gateway.example/anthropic/v1', '/anthropic'],
    ['gemini', 'http://127.0.0.1:8080', ''],
    ['gemini', 'http://127.0.0.1:8080/v1beta', ''],
    ['ollama', 'http://127.0.0.1:11434', ''],
    ['ollama', 'http://127.0.0.1:11434/v1', ''],
    ['ollama', 'https://ollama.com/api', ''],
    ['ollama', 'https://host.example/team/api/', '/team'],
    ['vllm', 'http://127.0.0.1:8000', ''],
    ['vllm', 'http://127.0.0.1:8000/v1', ''],
    ['openai-compatible', 'http://127.0.0.1:1234', '/v1'],
    ['openai-compatible', 'http://127.0.0.1:1234/api/v3', '/api/v3'],
  ])('of %s, %s, has the base path %j', (name, baseUrl, basePath) => {
    expect(instancesOf({ [name]: { apiKey: 'k', baseUrl } }).get(name)).toMatchObject({
      origin: new URL(baseUrl).origin,
      basePath,
    });
  });

  it.each([
    ['api.example.com', 'must be a URL with http:// or https://'],
    ['localhost:8000', 'must be a URL with http:// or https://'],
    ['ftp://example.com', 'must be a URL with http:// or https://'],
    ['javascript:alert(1)', 'must be a URL with http:// or https://'],
    ['', 'must be a URL with http:// or https://'],
    ['https://user:canary@example.com', 'must not contain credentials'],
    ['https://canary@example.com', 'must not contain credentials'],
    ['https://example.com/v1?key=canary', 'must not have a query or a fragment'],
    ['https://example.com/v1?', 'must not have a query or a fragment'],
    ['https://example.com/v1#x', 'must not have a query or a fragment'],
    ['https://example.com/v1/chat/completions', 'must end before the endpoint: leave out "/chat/completions"'],
    ['https://example.com/v1/messages/', 'must end before the endpoint: leave out "/messages"'],
  ])('%j is refused', (baseUrl, reason) => {
    const message = refusal(() => instancesOf({ openai: { apiKey: 'k', baseUrl } }));
    expect(message).toContain(`providers.openai.baseUrl ${reason}`);
    expect(message).not.toContain('canary');
  });
});

describe('what is refused, with the key and the fix', () => {
  it.each<[string, unknown, string]>([
    ['no providers', {}, 'providers: must be an object with at least one provider'],
    ['a list', [], 'providers: must be an object with at least one provider'],
    ['a misspelt provider', { opnai: { apiKey: 'k' } }, '"opnai" is not a known provider (did you mean "openai"?)'],
    ['an own name without a type', { lab: { apiKey: 'k' } }, 'set its "type" to "openai-compatible" and its "baseUrl"'],
    [
      'an unknown type',
      { lab: { type: 'opnai' } },
      'providers.lab.type: "opnai" is not a known provider (did you mean "openai"?)',
    ],
    ['a type that contradicts the name', { openai: { type: 'groq' } }, '"openai" means OpenAI, but its type says groq'],
    [
      'a name with a slash',
      { 'a/b': { type: 'openai', apiKey: 'k' } },
      'a provider\u0027s name has lower-case letters',
    ],
    ['a name in capitals', { Lab: { type: 'openai', apiKey: 'k' } }, 'a provider\u0027s name has lower-case letters'],
    ['a name and its alias', { gemini: { apiKey: 'k' }, google: { apiKey: 'k' } }, '"gemini" is configured twice'],
    ['an empty entry', { openai: null }, 'must be an object; {} takes the key from the environment'],
    ['an unknown option', { openai: { apikey: 'k' } }, 'unknown option "apikey" (did you mean "apiKey"?)'],
    [
      'an unknown timeout',
      { openai: { timeouts: { conect: '1s' } } },
      'unknown option "timeouts.conect" (did you mean "connect"?)',
    ],
    ['a misspelt option', { openai: { apiKey: 'k', price: {} } }, 'unknown option "price" (did you mean "prices"?)'],
    ['no key', { openai: {} }, 'has no API key. Set OPENAI_API_KEY, or the option "providers.openai.apiKey"'],
    ['no base URL', { vllm: {} }, 'has no base URL. Set VLLM_BASE_URL, or the option "providers.vllm.baseUrl"'],
    [
      'no base URL of an own server',
      { lab: { type: 'openai-compatible' } },
      'has no base URL. Set its option "baseUrl"',
    ],
    ['both key options', { openai: { apiKey: 'a', apiKeys: ['b'] } }, '"apiKey" are both given'],
    ['an empty key', { openai: { apiKey: '' } }, 'providers.openai.apiKey is empty'],
    ['no keys in the list', { openai: { apiKeys: [] } }, '"apiKeys" must be a list with at least one entry'],
    ['a key given twice', { openai: { apiKeys: ['canary', 'canary'] } }, 'lists the same key twice'],
    ['a placeholder', { openai: { apiKey: '$'.concat('{OPENAI_API_KEY}') } }, 'is a placeholder'],
    ['a key with a line break', { openai: { apiKey: 'canary\r\nx-evil: 1' } }, 'has a space, a line break'],
    ['a key outside ASCII', { openai: { apiKey: 'canary\u00e9' } }, 'has a space, a line break'],
    ['a number as key', { openai: { apiKey: 5 } }, '"apiKey" must be a text'],
    [
      'no models in the list',
      { openai: { apiKey: 'k', models: [] } },
      '"models" must be a list with at least one entry',
    ],
    ['a model that is a URL', { openai: { apiKey: 'k', models: ['http://x'] } }, 'lists a model whose name is a URL'],
    ['a model given twice', { openai: { apiKey: 'k', models: ['m', 'm'] } }, 'lists a model twice'],
    ['a bare duration', { openai: { apiKey: 'k', timeouts: { idle: 30 } } }, 'must be a duration with its unit'],
    ['a timeout of nothing', { openai: { apiKey: 'k', timeouts: { idle: '0s' } } }, 'must be longer than nothing'],
    ['a weight of 0', { openai: { apiKey: 'k', weight: 0 } }, '"weight" must be greater than 0'],
    ['a fractional priority', { openai: { apiKey: 'k', priority: 1.5 } }, '"priority" must be a whole number'],
    ['a negative priority', { openai: { apiKey: 'k', priority: -1 } }, '"priority" must be 0 or greater'],
    [
      'a framing header',
      { openai: { apiKey: 'k', headers: { Host: 'x' } } },
      'providers.openai.headers.Host cannot be fixed',
    ],
    [
      'the key as a header',
      { openai: { apiKey: 'k', headers: { Authorization: 'x' } } },
      'carries the API key. Use "apiKey"',
    ],
    ['a header that splits', { openai: { apiKey: 'k', headers: { a: 'b\r\ncanary: d' } } }, 'must be printable ASCII'],
    ['a header name that splits', { openai: { apiKey: 'k', headers: { 'a\r\nb': 'c' } } }, 'is not a header name'],
    ['a header in two spellings', { openai: { apiKey: 'k', headers: { 'X-A': '1', 'x-a': '2' } } }, 'is given twice'],
  ])('%s', (_what, options, expected) => {
    const message = refusal(() => resolveProviders(untyped(options), {}));
    expect(message).toContain(expected);
    expect(message).not.toContain('canary');
  });

  it('a name from a parsed file that is no plain name, without touching any prototype (HC-07)', () => {
    const options: unknown = JSON.parse('{"__proto__": {"type": "openai", "apiKey": "k"}}');
    expect(refusal(() => resolveProviders(untyped(options), {}))).toContain('lower-case letters');
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

/** What a configuration file can hold is not what the type allows. */
function untyped(value: unknown): Parameters<typeof resolveProviders>[0] {
  return value as Parameters<typeof resolveProviders>[0];
}
