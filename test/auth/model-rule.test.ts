import { describe, expect, it } from '@jest/globals';
import { compileModelPatterns } from '../../src/auth/model-rule.ts';
import { ample } from '../support/ample.ts';

function allowed(pattern: string, target: string): boolean {
  const slash = target.indexOf('/');
  return compileModelPatterns([pattern])({ provider: target.slice(0, slash), model: target.slice(slash + 1) });
}

describe('a model pattern', () => {
  it.each([
    ['openai/gpt-4o', 'openai/gpt-4o', true],
    ['openai/gpt-4o', 'openai/gpt-4o-mini', false],
    ['openai/gpt-4o', 'azure/gpt-4o', false],
    ['gpt-4o', 'openai/gpt-4o', true],
    ['gpt-4o', 'azure/gpt-4o', true],
    ['gpt-4o', 'openai/gpt-4o-mini', false],
    ['openai/*', 'openai/gpt-4o', true],
    ['openai/*', 'together/openai/gpt-oss-20b', false],
    ['*/gpt-4o', 'azure/gpt-4o', true],
    ['together/*/*-70b', 'together/meta-llama/llama-3.3-70b', true],
    ['*', 'any/model', true],
    ['gpt-*-mini', 'openai/gpt-4o-mini', true],
    ['gpt-*-mini', 'openai/gpt-mini', false],
    ['a*a', 'p/a', false],
    ['a*b*c', 'p/a-b-c', true],
    ['a*b*c', 'p/a-c', false],
    ['a*bc*c', 'p/abc', false],
    ['GPT-4o', 'openai/gpt-4o', false],
    ['gpt.4o', 'openai/gpt-4o', false],
  ])('%s against %s', (pattern, target, expected) => {
    expect(allowed(pattern, target)).toBe(expected);
  });

  it('is decided in linear time', () => {
    const startedAt = performance.now();
    expect(allowed(`${'a*'.repeat(60)}b`, `p/${'a'.repeat(100_000)}`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(ample);
  });
});
