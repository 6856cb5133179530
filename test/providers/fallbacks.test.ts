import { describe, expect, it } from '@jest/globals';
import { readFallbacks } from '../../src/providers/fallbacks.ts';
import { createModelResolver } from '../../src/providers/resolve-model.ts';
import { ids, instancesFrom, refusal } from './support.ts';

const resolve = createModelResolver(
  instancesFrom({ OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', MISTRAL_API_KEY: 'k' }),
);
const read = (value: string) => readFallbacks({ GATEWAY_FALLBACKS: value }, resolve);

describe('GATEWAY_FALLBACKS', () => {
  it('unset leaves everything to the table', () => {
    expect(readFallbacks({}, resolve)).toEqual({ equivalents: true, byTarget: new Map() });
  });

  it('off turns the table off', () => {
    expect(read('off').equivalents).toBe(false);
  });

  it('names the stand-ins of each model in order', () => {
    const { byTarget } = read(
      'gpt-4o=anthropic/claude-sonnet-4-6|mistral/mistral-large-latest; claude-haiku-4-5 = gpt-4o-mini ;',
    );
    expect([...byTarget].map(([id, targets]) => [id, ids(targets)])).toEqual([
      ['openai/gpt-4o', ['anthropic/claude-sonnet-4-6', 'mistral/mistral-large-latest']],
      ['anthropic/claude-haiku-4-5', ['openai/gpt-4o-mini']],
    ]);
  });

  it.each([
    ['gpt-4o', 'is written as'],
    ['gpt-4o=', 'is written as'],
    ['=gpt-4o', 'is written as'],
    ['gpt-4o=a=b', 'is written as'],
    ['gpt-4o=claude-haiku-4-5|', 'is written as'],
    ['gpt-4o=claude-haiku-4-5;;o3=claude-haiku-4-5', 'is written as'],
    ['gpt-4o=gemini-2.5-pro', 'names a model that cannot be reached. "gemini-2.5-pro" is a model of Google Gemini'],
    ['nothing=gpt-4o', 'names a model that cannot be reached. No configured provider is known to serve "nothing"'],
    ['gpt-4o=https://evil.example', 'is a URL'],
    ['gpt-4o=claude-haiku-4-5;openai/gpt-4o=o3', 'has two entries for "openai/gpt-4o"'],
    ['gpt-4o=claude-haiku-4-5|anthropic/claude-haiku-4-5', 'names "anthropic/claude-haiku-4-5" twice'],
  ])('%s is refused', (value, expected) => {
    expect(refusal(() => read(value))).toContain(
      `GATEWAY_FALLBACKS ${expected}`.replace('GATEWAY_FALLBACKS is a URL', 'is a URL'),
    );
  });

  it('FO-25: refuses a model that falls back to itself', () => {
    expect(refusal(() => read('gpt-4o=o3|openai/gpt-4o'))).toBe(
      'GATEWAY_FALLBACKS lets "openai/gpt-4o" fall back to itself.',
    );
  });
});
