import { describe, expect, it } from '@jest/globals';
import { didYouMean, nearestName } from '../../src/core/nearest-name.ts';

const providers = ['openai', 'anthropic', 'gemini', 'google', 'mistral', 'groq'];

describe('nearestName', () => {
  it.each([
    ['opnai', 'openai'],
    ['opneai', 'openai'],
    ['OpenAI', 'openai'],
    ['anthropics', 'anthropic'],
    ['antropic', 'anthropic'],
    ['gogle', 'google'],
    ['grok', 'groq'],
  ])('finds for %j %j', (written, meant) => {
    expect(nearestName(written, providers)).toBe(meant);
  });

  it.each(['', 'x', 'azure', 'cohere', 'openrouter', 'openaiopenai'])('finds nothing near %j', (written) => {
    expect(nearestName(written, providers)).toBeUndefined();
  });

  it('takes two letters that changed places for one mistake', () => {
    expect(nearestName('modle', ['model'])).toBe('model');
    expect(nearestName('mdoel', ['model'])).toBe('model');
    expect(nearestName('ledom', ['model'])).toBeUndefined();
  });

  it('prefers the nearest, and of equally near ones the first', () => {
    expect(nearestName('abcdeg', ['abcxxg', 'abcdef'])).toBe('abcdef');
    expect(nearestName('abc', ['abd', 'abe'])).toBe('abd');
  });
});

describe('didYouMean', () => {
  it('is the end of a sentence, or nothing', () => {
    expect(didYouMean('groc', providers)).toBe(' (did you mean "groq"?)');
    expect(didYouMean('cohere', providers)).toBe('');
    expect(didYouMean('groq', [])).toBe('');
  });
});
