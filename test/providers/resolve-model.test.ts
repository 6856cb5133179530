import { describe, expect, it } from '@jest/globals';
import { createModelResolver, type ModelResolution } from '../../src/providers/resolve-model.ts';
import { ids, instancesFrom, instancesOf } from './support.ts';

const instances = instancesOf({
  openai: { apiKey: 'k' },
  together: { apiKey: 'k' },
  google: { apiKey: 'k' },
  'claude-eu': { type: 'anthropic', apiKey: 'k', priority: 2 },
  'claude-us': { type: 'anthropic', apiKey: 'k', priority: 1 },
  lab: {
    type: 'openai-compatible',
    baseUrl: 'http://lab',
    models: ['llama-3.3-70b', 'openai/gpt-oss-20b'],
    priority: 3,
  },
  lab2: { type: 'openai-compatible', baseUrl: 'http://lab2', models: ['llama-3.3-70b'], priority: 2 },
  ollama: { baseUrl: 'http://localhost:11434' },
});
const resolve = createModelResolver(instances);

describe('a model with its provider in front', () => {
  it.each([
    ['openai/gpt-4o', ['openai/gpt-4o']],
    ['openai/anything-at-all', ['openai/anything-at-all']],
    ['google/gemini-2.5-pro', ['gemini/gemini-2.5-pro']],
    ['gemini/gemini-2.5-pro', ['gemini/gemini-2.5-pro']],
    ['together/meta-llama/Llama-3-70b', ['together/meta-llama/Llama-3-70b']],
    ['claude-eu/claude-sonnet-4-6', ['claude-eu/claude-sonnet-4-6']],
    ['anthropic/claude-sonnet-4-6', ['claude-us/claude-sonnet-4-6', 'claude-eu/claude-sonnet-4-6']],
    ['ollama/qwen3:0.6b', ['ollama/qwen3:0.6b']],
    ['ollama/hf.co/some/model-GGUF:Q4_K_M', ['ollama/hf.co/some/model-GGUF:Q4_K_M']],
    ['lab/other', ['lab/other']],
  ])('%s', (name, expected) => {
    expect(ids(found(resolve(name)))).toEqual(expected);
  });

  it('means the instance of that name, where another is of the same provider', () => {
    const both = createModelResolver(
      instancesOf({ openai: { apiKey: 'k' }, 'openai-eu': { type: 'openai', apiKey: 'k' } }),
    );
    expect(ids(found(both('openai/gpt-4o')))).toEqual(['openai/gpt-4o']);
    expect(ids(found(both('gpt-4o')))).toEqual(['openai/gpt-4o', 'openai-eu/gpt-4o']);
  });
});

describe('a bare model', () => {
  it.each([
    ['gpt-4o', ['openai/gpt-4o']],
    ['o3', ['openai/o3']],
    ['gemini-2.5-flash', ['gemini/gemini-2.5-flash']],
    ['claude-sonnet-4-6', ['claude-us/claude-sonnet-4-6', 'claude-eu/claude-sonnet-4-6']],
    ['llama-3.3-70b', ['lab2/llama-3.3-70b', 'lab/llama-3.3-70b']],
    ['openai/gpt-oss-20b', ['lab/openai/gpt-oss-20b']],
  ])('%s', (name, expected) => {
    expect(ids(found(resolve(name)))).toEqual(expected);
  });

  it('goes only to listed names at an instance that lists its models', () => {
    const listing = createModelResolver(instancesOf({ openai: { apiKey: 'k', models: ['gpt-4o'] } }));
    expect(ids(found(listing('gpt-4o')))).toEqual(['openai/gpt-4o']);
    expect(ids(found(listing('openai/gpt-4o-mini')))).toEqual(['openai/gpt-4o-mini']);
    expect(refused(listing('gpt-4o-mini'))).toEqual({
      code: 'model_not_found',
      message:
        'The model "gpt-4o-mini" is not among the models configured for openai. It is reached as "openai/gpt-4o-mini".',
    });
  });

  it('carries the place of its instance among the others', () => {
    const weighted = instancesFrom({ OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', GATEWAY_WEIGHTS: 'anthropic:30' });
    expect(found(createModelResolver(weighted)('gpt-4o'))[0]).toMatchObject({ weight: 1, priority: 2 });
    expect(found(createModelResolver(weighted)('claude-opus-4-6'))[0]).toMatchObject({ weight: 30, priority: 1 });
  });
});

describe('a model nobody serves is unknown, never guessed', () => {
  it.each([
    [
      'mistral-large-latest',
      '"mistral-large-latest" is a model of Mistral, which is not configured here. Set MISTRAL_API_KEY, or add "mistral" to the option "providers".',
    ],
    [
      'groq/llama-3.1-8b-instant',
      '"groq/llama-3.1-8b-instant" names Groq, which is not configured here. Set GROQ_API_KEY, or add "groq" to the option "providers".',
    ],
    [
      'vllm/anything',
      '"vllm/anything" names vLLM, which is not configured here. Set VLLM_BASE_URL, or add "vllm" to the option "providers".',
    ],
    ['hf/x', 'names Hugging Face, which is not configured here. Set HF_TOKEN'],
    ['opneai/gpt-4o', 'No provider is called "opneai" (did you mean "openai/gpt-4o"?).'],
    ['OpenAI/gpt-4o', 'No provider is called "OpenAI" (did you mean "openai/gpt-4o"?).'],
    [
      'meta-llama/Llama-3-70b',
      'No provider is called "meta-llama". A model whose own name has a slash needs its provider in front',
    ],
    ['llama-3.3-70c', 'No configured provider is known to serve "llama-3.3-70c" (did you mean "llama-3.3-70b"?).'],
    ['phi-4-mini', 'No configured provider is known to serve "phi-4-mini". Name the provider too'],
    ['default', 'No configured provider is known to serve "default".'],
  ])('%s', (name, expected) => {
    const { code, message } = refused(resolve(name));
    expect(code).toBe('model_not_found');
    expect(message).toContain(expected);
  });
});

describe('AD-01: a name can only choose among the configured targets', () => {
  it.each([
    '',
    '/',
    '//',
    'openai/',
    '/gpt-4o',
    'openai//gpt-4o',
    'openai/../gpt-4o',
    'openai/./x',
    'https://evil.example/v1',
    'openai/https://evil.example/v1',
    '//evil.example/v1',
    'a'.repeat(257),
    `openai/${'x'.repeat(10_240)}`,
    'gpt-4o\r\nhost: evil.example',
    'gpt-4o ',
    ' gpt-4o',
    'gpt-4o\u0000',
    'gpt-4o?x=1',
    'gpt-4o#x',
    'gpt-4o%2e',
    'openai\\gpt-4o',
    'gpt-\u0434o',
    '\u202egpt-4o',
    '\ud83d\ude00',
    'gpt-4o"',
    '<script>',
  ])('%j is refused as no model name', (name) => {
    const { code, message } = refused(resolve(name));
    expect(code).toBe('invalid_request');
    expect(message).toMatch(/^The model's name (?:is|has) [\x20-\x7e]+\.$/);
    expect(message.length).toBeLessThan(200);
  });

  it.each([
    '__proto__',
    '__proto__/x',
    'constructor',
    'constructor/prototype',
    'toString',
    'hasOwnProperty/x',
    'evil.example/v1',
    'evil.example:443/v1',
    'user@evil.example/x',
    '169.254.169.254/latest',
    'localhost:11434/x',
  ])('%s is unknown', (name) => {
    expect(refused(resolve(name)).code).toBe('model_not_found');
  });

  it('never gives a target away from the configured origins', () => {
    const origins = new Set([...instances.values()].map(({ origin }) => origin));
    for (const name of ['openai/evil.example:80/x', 'lab/@evil.example', 'ollama/evil.example//x', 'gemini/..%2f']) {
      const resolution = resolve(name);
      if (resolution.kind === 'found')
        for (const { instance } of resolution.targets) expect(origins).toContain(instance.origin);
    }
  });
});

describe('without any provider', () => {
  it('every name is unknown, with what to set', () => {
    const none = createModelResolver(new Map());
    expect(refused(none('gpt-4o')).message).toContain('Set OPENAI_API_KEY');
    expect(refused(none('anything')).code).toBe('model_not_found');
  });
});

function found(resolution: ModelResolution) {
  if (resolution.kind === 'unknown') throw resolution.error;
  return resolution.targets;
}

function refused(resolution: ModelResolution) {
  if (resolution.kind === 'found') throw new Error(`Found ${ids(resolution.targets).join(', ')}`);
  expect(resolution.error.param).toBe('model');
  return { code: resolution.error.code, message: resolution.error.message };
}
