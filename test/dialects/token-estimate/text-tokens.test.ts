import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { estimateTextTokens } from '../../../src/dialects/token-estimate/text-tokens.ts';

const folder = new URL('../../fixtures/texts/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(`${name}.txt`, folder), 'utf8');

/** What `o200k_base` makes of the texts in the folder, counted with gpt-tokenizer 4.0.0, and how far off we may be. */
const counted: readonly (readonly [name: string, tokens: number, tolerance: number])[] = [
  ['english', 268, 0.1],
  ['english-markdown', 253, 0.1],
  ['typescript', 360, 0.1],
  ['python', 314, 0.1],
  ['json', 337, 0.1],
  ['json-compact', 251, 0.1],
  ['german', 259, 0.25],
  ['french', 239, 0.25],
  ['spanish', 204, 0.25],
  ['russian', 250, 0.25],
  ['arabic', 223, 0.25],
  ['hindi', 210, 0.25],
  ['chinese', 273, 0.25],
  ['chinese-traditional', 275, 0.25],
  ['japanese', 276, 0.25],
  ['korean', 224, 0.25],
];

describe('the estimate of a text', () => {
  it.each(counted)('is near the count of OpenAI\u2019s tokenizer: %s', (name, tokens, tolerance) => {
    const off = estimateTextTokens(textOf(name)) / tokens - 1;
    expect(Math.abs(off)).toBeLessThanOrEqual(tolerance);
  });

  it('has a count for every text', () => {
    const names = readdirSync(folder).map((file) => file.replace('.txt', ''));
    expect(names.sort()).toEqual(counted.map(([name]) => name).sort());
  });

  it('is not thrown off by a word of another language', () => {
    const text = textOf('english');
    const more = `${text} The caf\u00e9 served cr\u00e8me br\u00fbl\u00e9e.`;
    expect(estimateTextTokens(more) - estimateTextTokens(text)).toBeLessThan(25);
  });

  it.each([
    ['nothing', '', 0, 0],
    ['a word', 'hello', 1, 2],
    ['words', 'hello there you', 3, 4],
    ['a number', '1234567', 3, 3],
    ['a number in words', 'in 2024 it', 4, 5],
    ['line ends', '\n\n\n', 1, 1],
    ['spaces at the end', 'a   ', 2, 2],
    ['words in one', 'parseRequestBody', 3, 4],
    ['capitals', 'HTTP', 1, 2],
    ['a call', 'this.run(item)', 4, 6],
    ['a ruler', '-'.repeat(80), 1, 5],
    ['pictures', '\ud83d\ude00\ud83c\udf89\ud83d\ude80', 3, 8],
    ['an arrow', 'a \u2192 b', 3, 4],
    ['a dash before a word', '\u2014word', 2, 3],
  ])('counts pieces as the tokenizer cuts them: %s', (_, text, least, most) => {
    const tokens = estimateTextTokens(text);
    expect(tokens).toBeGreaterThanOrEqual(least);
    expect(tokens).toBeLessThanOrEqual(most);
  });

  it('is a whole number that no text makes larger than its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const tokens = estimateTextTokens(text);
        expect(Number.isSafeInteger(tokens)).toBe(true);
        expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text));
        expect(tokens > 0).toBe(text !== '');
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  it('adds up: two texts have about the tokens of both together', () => {
    for (const [name] of counted) {
      const text = textOf(name);
      const middle = text.indexOf(' ', text.length / 2);
      const halves = estimateTextTokens(text.slice(0, middle)) + estimateTextTokens(text.slice(middle));
      expect(halves / estimateTextTokens(text)).toBeCloseTo(1, 0.6);
    }
  });
});
