import { describe, expect, it } from '@jest/globals';
import { findProvider, providers } from '../../src/providers/registry.ts';
import { providersOfModel } from '../../src/providers/resolve-model.ts';

describe('the known providers', () => {
  it('have names and aliases that mean one provider each', () => {
    const names = providers.flatMap((provider) => [provider.name, ...(provider.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z-]*$/);
  });

  it.each(providers.map((provider) => [provider.name, provider] as const))('%s is complete', (_name, provider) => {
    expect(provider.reference).toMatch(/^https:\/\//);
    expect(provider.chatPath('m', true)).toMatch(/^\//);
    expect(provider.modelsPath).toMatch(/^\//);
    if (provider.connector !== undefined) expect(provider.baseUrl).toBeUndefined();
    else if (provider.baseUrl === undefined) expect(provider.keyOptional).toBe(true);
    else expect(provider.baseUrl).toMatch(/^https?:\/\/[^/]+.*[^/]$/);
    if (provider.keyOptional !== true) expect(provider.environment.apiKey?.length).toBeGreaterThan(0);
  });

  it('read no environment variable twice', () => {
    const variables = providers.flatMap(({ environment }) => [...(environment.apiKey ?? []), environment.baseUrl]);
    expect(new Set(variables).size).toBe(variables.length);
  });

  it('know google as gemini', () => {
    expect(findProvider('google')?.name).toBe('gemini');
  });

  it.each(['__proto__', 'constructor', 'toString', '', 'OpenAI'])('do not know %j', (name) => {
    expect(findProvider(name)).toBeUndefined();
  });
});

describe('bare model names', () => {
  it.each([
    ['gpt-4o', 'openai'],
    ['gpt-4o-mini-2024-07-18', 'openai'],
    ['gpt-5.4-nano', 'openai'],
    ['chatgpt-4o-latest', 'openai'],
    ['o1', 'openai'],
    ['o3', 'openai'],
    ['o3-mini', 'openai'],
    ['o4-mini-2025-04-16', 'openai'],
    ['ft:gpt-4o-mini-2024-07-18:acme::abc123', 'openai'],
    ['claude-3-5-haiku-20241022', 'anthropic'],
    ['claude-opus-4-6', 'anthropic'],
    ['gemini-2.5-flash', 'gemini'],
    ['gemma-3-27b-it', 'gemini'],
    ['mistral-large-latest', 'mistral'],
    ['ministral-8b-latest', 'mistral'],
    ['codestral-2508', 'mistral'],
    ['magistral-medium-latest', 'mistral'],
    ['pixtral-12b', 'mistral'],
    ['devstral-2512', 'mistral'],
    ['open-mistral-nemo', 'mistral'],
    ['open-mixtral-8x22b', 'mistral'],
    ['command-a-03-2025', 'cohere'],
    ['command-r-plus', 'cohere'],
    ['c4ai-aya-expanse-32b', 'cohere'],
    ['deepseek-chat', 'deepseek'],
    ['deepseek-v4-flash', 'deepseek'],
    ['grok-4', 'xai'],
    ['sonar-pro', 'perplexity'],
    ['glm-4.7-flash', 'zai'],
    ['llama-3.3-70b-versatile', 'groq'],
    ['text-embedding-3-small', 'openai'],
    ['text-embedding-ada-002', 'openai'],
    ['dall-e-3', 'openai'],
    ['gpt-image-1', 'openai'],
    ['gemini-embedding-001', 'gemini'],
    ['text-embedding-004', 'gemini'],
    ['imagen-4.0-generate-001', 'gemini'],
    ['mistral-embed', 'mistral'],
    ['codestral-embed', 'mistral'],
    ['embed-v4.0', 'cohere'],
    ['embed-multilingual-light-v3.0', 'cohere'],
    ['pplx-embed-v1-0.6b', 'perplexity'],
    ['amazon.titan-embed-text-v2:0', 'bedrock'],
    ['us.cohere.embed-v4:0', 'bedrock'],
  ])('%s belongs to %s alone', (model, owner) => {
    expect(providersOfModel(model).map(({ name }) => name)).toEqual([owner]);
  });

  it.each([
    'llama-3.3-70b',
    'llama3.2',
    'command-r-plus:104b',
    'sonar-unknown',
    'gpt-oss-120b',
    'mistral-nemo:12b',
    'deepseek-r1:latest',
    'gemma3:1b',
    'o',
    'o10x',
    'ollama',
    'gpt',
    'my-gpt-4o',
    'text-embedding-4-ultra',
    'nomic-embed-text',
    'embed',
  ])('%s belongs to nobody', (model) => {
    expect(providersOfModel(model)).toEqual([]);
  });
});

describe('the Gemini path', () => {
  it('holds the model as one segment, whatever its name', () => {
    const path = findProvider('gemini')?.chatPath('a/b:c?d#e', false);
    expect(path).toBe('/v1beta/models/a%2Fb%3Ac%3Fd%23e:generateContent');
    expect(findProvider('gemini')?.chatPath('gemini-2.5-pro', true)).toBe(
      '/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse',
    );
  });
});
