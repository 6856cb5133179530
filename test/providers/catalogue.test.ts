import { describe, expect, it } from '@jest/globals';
import { createCatalogue } from '../../src/providers/catalogue.ts';
import { resolveModelChains } from '../../src/providers/model-chains.ts';
import { createModelResolver } from '../../src/providers/resolve-model.ts';
import { instancesFrom, instancesOf } from './support.ts';

describe('the list of models', () => {
  const instances = instancesOf({
    anthropic: { apiKey: 'k' },
    openai: { apiKey: 'k', models: ['gpt-4o', 'gpt-4o-mini'] },
    lab: { type: 'openai-compatible', baseUrl: 'http://lab', models: ['org/llama'] },
    ollama: {},
  });
  const chains = resolveModelChains(
    {
      fast: { targets: ['openai/gpt-4o-mini', 'lab/org/llama'], fallback: ['claude-haiku-4-5'] },
      'gpt-4o': { targets: ['anthropic/claude-opus-4-6'] },
    },
    createModelResolver(instances),
  );

  it('has the public names, then every provider\u0027s models with the names that lead to them', () => {
    const rows = createCatalogue(instances, chains).listed.map((model) => [
      model.id,
      model.providers,
      model.names,
      model.publicNames,
    ]);
    expect(rows).toEqual([
      ['fast', ['openai', 'lab'], [], []],
      ['gpt-4o', ['anthropic'], [], []],
      ['anthropic/claude-opus-4-6', ['anthropic'], ['claude-opus-4-6'], ['gpt-4o']],
      ['anthropic/claude-sonnet-4-6', ['anthropic'], ['claude-sonnet-4-6'], []],
      ['anthropic/claude-haiku-4-5', ['anthropic'], ['claude-haiku-4-5'], []],
      ['openai/gpt-4o', ['openai'], [], []],
      ['openai/gpt-4o-mini', ['openai'], ['gpt-4o-mini'], ['fast']],
      ['lab/org/llama', ['lab'], ['org/llama'], ['fast']],
    ]);
  });

  it('shows a public name instead of the model whose id it bears', () => {
    const named = resolveModelChains(
      { 'openai/gpt-4o': { targets: ['anthropic/claude-opus-4-6'] } },
      createModelResolver(instances),
    );
    const shown = createCatalogue(instances, named).listed.filter(({ id }) => id === 'openai/gpt-4o');
    expect(shown.map(({ providers }) => providers)).toEqual([['anthropic']]);
  });

  it('finds what is not listed by its name, once, where a provider is there for it', () => {
    const { named } = createCatalogue(instances, chains);
    const ids = (names: readonly string[]) => named(names).map(({ id }) => id);
    expect(ids(['anthropic/claude-opus-4-1', 'claude-opus-4-1', 'ollama/qwen3', 'lab/other'])).toEqual([
      'anthropic/claude-opus-4-1',
      'ollama/qwen3',
      'lab/other',
    ]);
    expect(named(['claude-opus-4-1'])).toMatchObject([{ names: ['claude-opus-4-1'], providers: ['anthropic'] }]);
    // Listed already, a public name, a provider that is not there, no name.
    expect(ids(['openai/gpt-4o', 'fast', 'groq/llama', 'gemini-3.8-flash', 'nobody', '', 'a b'])).toEqual([]);
  });

  it('shows every id at most once, and only ids that can be asked for', () => {
    const all = instancesFrom({ OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', GROQ_API_KEY: 'k', HF_TOKEN: 'k' });
    const resolve = createModelResolver(all);
    const { listed } = createCatalogue(all, new Map());
    expect(new Set(listed.map(({ id }) => id)).size).toBe(listed.length);
    for (const { id, names } of listed) {
      for (const name of [id, ...names]) expect(resolve(name).kind).toBe('found');
    }
  });
});
