import { describe, expect, it } from '@jest/globals';
import { equivalenceTable, tiers } from '../../src/providers/equivalence-table.ts';
import { equivalentTargets, tierOf } from '../../src/providers/equivalents.ts';
import { findProvider } from '../../src/providers/registry.ts';
import { providersOfModel } from '../../src/providers/resolve-model.ts';
import { targetAt } from '../../src/providers/target.ts';
import { ids, instancesFrom, instancesOf } from './support.ts';

const keys = { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', GEMINI_API_KEY: 'k', MISTRAL_API_KEY: 'k' };

describe('the table of equivalents', () => {
  const entries = tiers.flatMap((tier) =>
    Object.entries(equivalenceTable[tier]).map(([provider, equivalents]) => ({ tier, provider, ...equivalents })),
  );

  it('names known providers only', () => {
    for (const { provider } of entries) expect(findProvider(provider)?.name).toBe(provider);
  });

  it('lets a model stand in only where its name leads to its provider', () => {
    for (const { provider, standIn } of entries) {
      const owners = providersOfModel(standIn).map(({ name }) => name);
      if (owners.length > 0) expect([provider, owners]).toEqual([provider, [provider]]);
    }
  });

  it('gives every stand-in a tier, so that requests can also move away from it', () => {
    for (const { provider, standIn } of entries)
      expect([provider, standIn, tierOf(provider, standIn)]).not.toContain(undefined);
  });

  it('has no member twice for one provider', () => {
    for (const provider of new Set(entries.map((entry) => entry.provider))) {
      const members = entries.filter((entry) => entry.provider === provider).flatMap((entry) => entry.members);
      expect(new Set(members).size).toBe(members.length);
    }
  });
});

describe('the tier of a model', () => {
  it.each([
    ['openai', 'gpt-4o', 'balanced'],
    ['openai', 'gpt-4o-2024-08-06', 'balanced'],
    ['openai', 'chatgpt-4o-latest', 'balanced'],
    ['openai', 'gpt-4.1', 'balanced'],
    ['openai', 'gpt-4-turbo-preview', 'balanced'],
    ['openai', 'gpt-5', 'balanced'],
    ['openai', 'gpt-5.4-2026-03-05', 'balanced'],
    ['openai', 'gpt-6.1-terra', 'balanced'],
    ['openai', 'gpt-5.5', 'frontier'],
    ['openai', 'gpt-5.5-2026-04-23', 'frontier'],
    ['openai', 'gpt-6.1-sol', 'frontier'],
    ['openai', 'gpt-5.4-pro', 'frontier'],
    ['openai', 'gpt-4o-mini', 'small'],
    ['openai', 'gpt-4o-mini-2024-07-18', 'small'],
    ['openai', 'gpt-4.1-nano', 'small'],
    ['openai', 'gpt-5.4-mini', 'small'],
    ['openai', 'gpt-6-luna', 'small'],
    ['openai', 'gpt-3.5-turbo-0125', 'small'],
    ['openai', 'o1', 'reasoning'],
    ['openai', 'o3-mini-2025-01-31', 'reasoning'],
    ['openai', 'o4-mini', 'reasoning'],
    ['anthropic', 'claude-sonnet-4-20250514', 'balanced'],
    ['anthropic', 'claude-sonnet-4-0', 'balanced'],
    ['anthropic', 'claude-3-7-sonnet-latest', 'balanced'],
    ['anthropic', 'claude-sonnet-5-5', 'balanced'],
    ['anthropic', 'claude-opus-4-1-20250805', 'frontier'],
    ['anthropic', 'claude-3-opus-20240229', 'frontier'],
    ['anthropic', 'claude-3-5-haiku-20241022', 'small'],
    ['anthropic', 'claude-haiku-4-5-20251001', 'small'],
    ['gemini', 'gemini-2.5-pro', 'balanced'],
    ['gemini', 'gemini-2.5-pro-preview-05-06', 'balanced'],
    ['gemini', 'gemini-3.1-pro-preview', 'frontier'],
    ['gemini', 'gemini-3-flash-preview', 'balanced'],
    ['gemini', 'gemini-flash-latest', 'balanced'],
    ['gemini', 'gemini-2.5-flash', 'small'],
    ['gemini', 'gemini-2.0-flash-001', 'small'],
    ['gemini', 'gemini-2.5-flash-lite', 'small'],
    ['mistral', 'mistral-large-2411', 'balanced'],
    ['mistral', 'mistral-medium-latest', 'balanced'],
    ['mistral', 'mistral-small-2506', 'small'],
    ['mistral', 'ministral-8b-latest', 'small'],
    ['mistral', 'magistral-medium-latest', 'reasoning'],
    ['deepseek', 'deepseek-chat', 'balanced'],
    ['deepseek', 'deepseek-v4-flash', 'balanced'],
    ['deepseek', 'deepseek-reasoner', 'reasoning'],
    ['groq', 'llama-3.3-70b-versatile', 'balanced'],
    ['groq', 'openai/gpt-oss-20b', 'small'],
    ['together', 'meta-llama/Llama-3.3-70B-Instruct-Turbo', 'balanced'],
    ['together', 'moonshotai/Kimi-K2.5', 'frontier'],
  ])('%s %s is %s', (provider, model, tier) => {
    expect(tierOf(provider, model)).toBe(tier);
  });

  it.each([
    ['openai', 'gpt-4o-audio-preview'],
    ['openai', 'gpt-4o-realtime-preview'],
    ['openai', 'gpt-4o-search-preview'],
    ['openai', 'gpt-image-1'],
    ['openai', 'gpt-5.3-codex'],
    ['openai', 'gpt-oss-120b'],
    ['openai', 'o3-deep-research'],
    ['openai', 'gpt-4oX'],
    ['openai', 'ft:gpt-4o:acme::1'],
    ['openai', 'claude-opus-4-6'],
    ['gemini', 'gemini-2.5-flash-image'],
    ['gemini', 'gemini-2.5-flash-preview-tts'],
    ['mistral', 'codestral-latest'],
    ['openai-compatible', 'gpt-4o'],
    ['__proto__', 'gpt-4o'],
  ])('%s %s is none: nothing stands in for it', (provider, model) => {
    expect(tierOf(provider, model)).toBeUndefined();
  });
});

describe('where else a request could go', () => {
  const instances = instancesFrom(keys);
  const at = (name: string, model: string) => {
    const instance = instances.get(name);
    if (instance === undefined) throw new Error(name);
    return targetAt(instance, model);
  };

  it.each([
    ['openai', 'gpt-4o', ['anthropic/claude-sonnet-4-6', 'gemini/gemini-3.8-flash', 'mistral/mistral-large-latest']],
    [
      'openai',
      'gpt-4o-mini',
      ['anthropic/claude-haiku-4-5', 'gemini/gemini-3.5-flash-lite', 'mistral/mistral-small-latest'],
    ],
    [
      'anthropic',
      'claude-sonnet-4-20250514',
      ['openai/gpt-5.4', 'gemini/gemini-3.8-flash', 'mistral/mistral-large-latest'],
    ],
    ['openai', 'o3', ['anthropic/claude-opus-4-6', 'gemini/gemini-4-argon', 'mistral/mistral-medium-latest']],
    [
      'gemini',
      'gemini-2.5-flash',
      ['openai/gpt-5.4-mini', 'anthropic/claude-haiku-4-5', 'mistral/mistral-small-latest'],
    ],
    ['openai', 'gpt-4o-audio-preview', []],
    ['openai', 'some-model', []],
  ])('from %s/%s by priority', (name, model, expected) => {
    expect(ids(equivalentTargets(at(name, model), instances))).toEqual(expected);
  });

  it('is the same model at another account with the vendor first', () => {
    const accounts = instancesOf({
      anthropic: { apiKey: 'k' },
      one: { type: 'openai', apiKey: 'k', priority: 2 },
      two: { type: 'openai', apiKey: 'k', priority: 3 },
    });
    const [, one] = accounts.values();
    if (one === undefined) throw new Error('one');
    expect(ids(equivalentTargets(targetAt(one, 'gpt-4o'), accounts))).toEqual([
      'two/gpt-4o',
      'anthropic/claude-sonnet-4-6',
    ]);
    expect(ids(equivalentTargets(targetAt(one, 'ft:gpt-4o:acme::1'), accounts))).toEqual(['two/ft:gpt-4o:acme::1']);
  });

  it('is not another server of one\u0027s own, unless it lists the model', () => {
    const servers = instancesOf({
      a: { type: 'openai-compatible', baseUrl: 'http://a' },
      b: { type: 'openai-compatible', baseUrl: 'http://b' },
      c: { type: 'openai-compatible', baseUrl: 'http://c', models: ['llama-3.3-70b'] },
    });
    const [a] = servers.values();
    if (a === undefined) throw new Error('a');
    expect(ids(equivalentTargets(targetAt(a, 'llama-3.3-70b'), servers))).toEqual(['c/llama-3.3-70b']);
  });

  it('is a listed model of the tier where an instance lists its models', () => {
    const listing = instancesOf({
      openai: { apiKey: 'k' },
      anthropic: { apiKey: 'k', models: ['claude-haiku-4-5', 'claude-sonnet-4-5'] },
      gemini: { apiKey: 'k', models: ['gemini-2.5-flash'] },
    });
    const [openai] = listing.values();
    if (openai === undefined) throw new Error('openai');
    expect(ids(equivalentTargets(targetAt(openai, 'gpt-4o'), listing))).toEqual(['anthropic/claude-sonnet-4-5']);
  });
});
