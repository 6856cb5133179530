import { describe, expect, it } from '@jest/globals';
import { instancesFrom, refusal } from './support.ts';

const keys = { OPENAI_API_KEY: 'sk-o', ANTHROPIC_API_KEY: 'sk-a', GEMINI_API_KEY: 'g', MISTRAL_API_KEY: 'm' };

describe('providers from environment variables alone', () => {
  it('are none when nothing is set, or set to nothing', () => {
    expect(instancesFrom({}).size).toBe(0);
    expect(instancesFrom({ OPENAI_API_KEY: '', GATEWAY_PROVIDERS: ' ', GATEWAY_WEIGHTS: '' }).size).toBe(0);
  });

  it.each([
    ['OPENAI_API_KEY', 'openai'],
    ['ANTHROPIC_API_KEY', 'anthropic'],
    ['GEMINI_API_KEY', 'gemini'],
    ['GOOGLE_API_KEY', 'gemini'],
    ['MISTRAL_API_KEY', 'mistral'],
    ['GROQ_API_KEY', 'groq'],
    ['TOGETHER_API_KEY', 'together'],
    ['DEEPSEEK_API_KEY', 'deepseek'],
    ['HF_TOKEN', 'hugging-face'],
    ['HUGGING_FACE_API_KEY', 'hugging-face'],
  ])('%s adds %s', (variable, name) => {
    const instances = instancesFrom({ [variable]: 'key' });
    expect([...instances.keys()]).toEqual([name]);
    expect(instances.get(name)?.apiKeys).toEqual(['key']);
  });

  it.each([
    ['OLLAMA_BASE_URL', 'ollama'],
    ['VLLM_BASE_URL', 'vllm'],
    ['OPENAI_COMPATIBLE_BASE_URL', 'openai-compatible'],
  ])('%s adds %s, which needs no key', (variable, name) => {
    const instances = instancesFrom({ [variable]: 'http://127.0.0.1:4000' });
    expect(instances.get(name)).toMatchObject({ origin: 'http://127.0.0.1:4000', apiKeys: [] });
  });

  it('take several keys separated by commas', () => {
    expect(instancesFrom({ OPENAI_API_KEY: 'sk-1, sk-2,sk-3' }).get('openai')?.apiKeys).toEqual([
      'sk-1',
      'sk-2',
      'sk-3',
    ]);
  });

  it('prefer the more specific of two variables', () => {
    const instances = instancesFrom({ GEMINI_API_KEY: 'one', GOOGLE_API_KEY: 'two' });
    expect(instances.get('gemini')?.apiKeys).toEqual(['one']);
  });

  it('come one after another in a fixed order of priority', () => {
    const instances = [...instancesFrom(keys).values()];
    expect(instances.map(({ name, priority }) => [name, priority])).toEqual([
      ['openai', 1],
      ['anthropic', 2],
      ['gemini', 3],
      ['mistral', 4],
    ]);
  });
});

describe('GATEWAY_PROVIDERS', () => {
  it('names which providers are used, and their order of priority', () => {
    const instances = [...instancesFrom({ ...keys, GATEWAY_PROVIDERS: 'mistral, google,openai' }).values()];
    expect(instances.map(({ name, priority }) => [name, priority])).toEqual([
      ['mistral', 1],
      ['gemini', 2],
      ['openai', 3],
    ]);
  });

  it('adds Ollama at its usual address', () => {
    expect(instancesFrom({ GATEWAY_PROVIDERS: 'ollama' }).get('ollama')?.origin).toBe('http://localhost:11434');
  });

  it('leaves out a provider whose variables are only half there', () => {
    const environment = { ...keys, GROQ_BASE_URL: 'http://groq.test', GATEWAY_PROVIDERS: 'openai' };
    expect([...instancesFrom(environment).keys()]).toEqual(['openai']);
  });
});

describe('GATEWAY_WEIGHTS', () => {
  it('puts the weighted providers on one level ahead of the rest', () => {
    const environment = {
      ...keys,
      GATEWAY_PROVIDERS: 'mistral,openai,anthropic',
      GATEWAY_WEIGHTS: 'openai:70,anthropic:30',
    };
    const instances = [...instancesFrom(environment).values()];
    expect(instances.map(({ name, weight, priority }) => [name, weight, priority])).toEqual([
      ['openai', 70, 1],
      ['anthropic', 30, 1],
      ['mistral', 1, 2],
    ]);
  });

  it('knows aliases and fractions', () => {
    const instances = instancesFrom({ ...keys, GATEWAY_WEIGHTS: 'google:0.5' });
    expect(instances.get('gemini')).toMatchObject({ weight: 0.5, priority: 1 });
  });
});

describe('a server of one\u0027s own', () => {
  it('is described by three variables', () => {
    const instances = instancesFrom({
      GATEWAY_PROVIDER_MY_LAB_BASE_URL: 'http://10.0.0.5:8000',
      GATEWAY_PROVIDER_MY_LAB_API_KEY: 'k1,k2',
      GATEWAY_PROVIDER_MY_LAB_MODELS: 'llama-3.3-70b, org/other',
    });
    expect(instances.get('my-lab')).toMatchObject({
      name: 'my-lab',
      origin: 'http://10.0.0.5:8000',
      basePath: '/v1',
      apiKeys: ['k1', 'k2'],
      models: ['llama-3.3-70b', 'org/other'],
    });
  });

  it('needs only its base URL, and follows the known providers', () => {
    const instances = instancesFrom({
      GATEWAY_PROVIDER_B_BASE_URL: 'http://b',
      GATEWAY_PROVIDER_A_BASE_URL: 'http://a',
      OPENAI_API_KEY: 'k',
    });
    expect([...instances.keys()]).toEqual(['openai', 'a', 'b']);
  });

  it('may stand in GATEWAY_PROVIDERS and GATEWAY_WEIGHTS', () => {
    const instances = instancesFrom({
      GATEWAY_PROVIDER_LAB_BASE_URL: 'http://lab',
      OPENAI_API_KEY: 'k',
      GATEWAY_PROVIDERS: 'lab,openai',
      GATEWAY_WEIGHTS: 'lab:2',
    });
    expect([...instances.values()].map(({ name, weight }) => [name, weight])).toEqual([
      ['lab', 2],
      ['openai', 1],
    ]);
  });
});

describe('contradicting variables are refused by name', () => {
  it.each<[string, Record<string, string>, string]>([
    [
      'a base URL without the key',
      { MISTRAL_BASE_URL: 'http://x' },
      'MISTRAL_BASE_URL is set, but MISTRAL_API_KEY is not',
    ],
    [
      'a key without the base URL it is for',
      { OLLAMA_API_KEY: 'canary' },
      'OLLAMA_API_KEY is set, but OLLAMA_BASE_URL is not',
    ],
    ['an empty key in a list', { OPENAI_API_KEY: 'canary,,b' }, 'OPENAI_API_KEY has an empty entry'],
    ['the same key twice', { OPENAI_API_KEY: 'canary,canary' }, 'OPENAI_API_KEY lists the same key twice'],
    ['a key with a space', { OPENAI_API_KEY: 'canary b' }, 'OPENAI_API_KEY has a space'],
    ['a base URL that is none', { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'canary' }, 'OPENAI_BASE_URL must be a URL'],
    [
      'a listed provider without a key',
      { OPENAI_API_KEY: 'k', GATEWAY_PROVIDERS: 'openai,groq' },
      'GATEWAY_PROVIDERS names "groq", but GROQ_API_KEY is not set',
    ],
    ['a listed provider without a base URL', { GATEWAY_PROVIDERS: 'vllm' }, 'Set VLLM_BASE_URL'],
    [
      'a misspelt provider',
      { GATEWAY_PROVIDERS: 'antropic' },
      'GATEWAY_PROVIDERS names "antropic", which is not configured (did you mean "anthropic"?)',
    ],
    [
      'a provider listed twice',
      { ...keys, GATEWAY_PROVIDERS: 'gemini,google' },
      'GATEWAY_PROVIDERS names "gemini" twice',
    ],
    ['an empty name', { ...keys, GATEWAY_PROVIDERS: 'openai,' }, 'GATEWAY_PROVIDERS has an empty entry'],
    [
      'a weight without a provider',
      { ...keys, GATEWAY_WEIGHTS: 'groq:5' },
      'GATEWAY_WEIGHTS names "groq", which is not configured',
    ],
    [
      'a weight for one that is left out',
      { ...keys, GATEWAY_PROVIDERS: 'openai', GATEWAY_WEIGHTS: 'mistral:5' },
      'GATEWAY_WEIGHTS names "mistral", which is not configured',
    ],
    ['a weight that is no number', { ...keys, GATEWAY_WEIGHTS: 'openai:a' }, 'GATEWAY_WEIGHTS is written as'],
    ['a weight below 0', { ...keys, GATEWAY_WEIGHTS: 'openai:-1' }, 'GATEWAY_WEIGHTS is written as'],
    ['a weight of 0', { ...keys, GATEWAY_WEIGHTS: 'openai:0' }, 'GATEWAY_WEIGHTS gives "openai" no weight'],
    ['two weights for one', { ...keys, GATEWAY_WEIGHTS: 'gemini:1,google:2' }, 'GATEWAY_WEIGHTS names "gemini" twice'],
    [
      'an own server without a base URL',
      { GATEWAY_PROVIDER_LAB_API_KEY: 'canary' },
      'GATEWAY_PROVIDER_LAB_BASE_URL is not set',
    ],
    [
      'an own server with a misspelt variable',
      { GATEWAY_PROVIDER_LAB_URL: 'canary' },
      'GATEWAY_PROVIDER_LAB_URL is not a variable of this gateway',
    ],
    [
      'an own server in small letters',
      { GATEWAY_PROVIDER_lab_BASE_URL: 'http://x' },
      'GATEWAY_PROVIDER_lab_BASE_URL is not a variable',
    ],
    [
      'an own server with a known name',
      { GATEWAY_PROVIDER_OPENAI_BASE_URL: 'http://x' },
      '"openai" means OpenAI, which OPENAI_BASE_URL configures',
    ],
    [
      'an own server with a known alias',
      { GATEWAY_PROVIDER_GOOGLE_BASE_URL: 'http://x' },
      '"google" means Google Gemini',
    ],
    [
      'an own server with a model that is a URL',
      { GATEWAY_PROVIDER_LAB_BASE_URL: 'http://x', GATEWAY_PROVIDER_LAB_MODELS: 'http://y' },
      'GATEWAY_PROVIDER_LAB_MODELS lists a model whose name is a URL',
    ],
  ])('%s', (_what, environment, expected) => {
    const message = refusal(() => instancesFrom(environment));
    expect(message).toContain(expected);
    expect(message).not.toContain('canary');
  });
});
