import { describe, expect, it } from '@jest/globals';
import { type ModelsOptions, resolveModelChains } from '../../src/providers/model-chains.ts';
import { createModelResolver } from '../../src/providers/resolve-model.ts';
import { ids, instancesOf, refusal } from './support.ts';

const resolve = createModelResolver(
  instancesOf({
    openai: { apiKey: 'k' },
    anthropic: { apiKey: 'k' },
    groq: { apiKey: 'k' },
    a: { type: 'openai-compatible', baseUrl: 'http://a', models: ['llama'], weight: 3 },
    b: { type: 'openai-compatible', baseUrl: 'http://b', models: ['llama'], weight: 1 },
  }),
);
const chains = (options: unknown) => resolveModelChains(options as ModelsOptions, resolve);

describe('a public name', () => {
  it('stands for its targets in the order they are written', () => {
    const [link] = chains({ 'gpt-4o': { targets: ['openai/gpt-4o', 'claude-sonnet-4-6'] } }).get('gpt-4o')?.links ?? [];
    expect(link).toMatchObject({ name: 'gpt-4o', strategy: 'priority' });
    expect(link?.targets.map(({ id, weight, priority }) => [id, weight, priority])).toEqual([
      ['openai/gpt-4o', 1, 1],
      ['anthropic/claude-sonnet-4-6', 1, 2],
    ]);
  });

  it('shares requests by weight', () => {
    const options = {
      fast: {
        strategy: 'weighted',
        targets: [
          { model: 'groq/llama-3.1-8b-instant', weight: 70 },
          { model: 'openai/gpt-4o-mini', weight: 30 },
        ],
      },
    };
    const [link] = chains(options).get('fast')?.links ?? [];
    expect(link?.targets.map(({ weight, priority }) => [weight, priority])).toEqual([
      [70, 1],
      [30, 1],
    ]);
  });

  it('tries a lower priority number first, wherever it is written', () => {
    const options = {
      m: {
        targets: [
          { model: 'openai/a', priority: 9 },
          { model: 'groq/b', priority: 2 },
        ],
      },
    };
    expect(ids(chains(options).get('m')?.links[0]?.targets ?? [])).toEqual(['groq/b', 'openai/a']);
  });

  it('divides the weight of a bare name among the instances that serve it', () => {
    const options = {
      m: {
        strategy: 'weighted',
        targets: [
          { model: 'llama', weight: 80 },
          { model: 'openai/x', weight: 20 },
        ],
      },
    };
    expect(
      chains(options)
        .get('m')
        ?.links[0]?.targets.map(({ id, weight }) => [id, weight]),
    ).toEqual([
      ['a/llama', 60],
      ['b/llama', 20],
      ['openai/x', 20],
    ]);
  });

  it('is followed by its fallbacks and theirs, each once', () => {
    const options = {
      main: { targets: ['openai/gpt-4o'], fallback: ['second', 'groq/x'] },
      second: { targets: ['anthropic/claude-sonnet-4-6'], fallback: ['third'] },
      third: { targets: ['a/llama'], fallback: ['groq/x'] },
    };
    const links = chains(options).get('main')?.links ?? [];
    expect(links.map(({ name }) => name)).toEqual(['main', 'second', 'third', 'groq/x']);
    expect(links.map(({ targets }) => ids(targets))).toEqual([
      ['openai/gpt-4o'],
      ['anthropic/claude-sonnet-4-6'],
      ['a/llama'],
      ['groq/x'],
    ]);
  });

  it('may meet the same fallback by two ways', () => {
    const options = {
      a: { targets: ['openai/1'], fallback: ['b', 'c'] },
      b: { targets: ['openai/2'], fallback: ['d'] },
      c: { targets: ['openai/3'], fallback: ['d'] },
      d: { targets: ['openai/4'] },
    };
    expect(
      chains(options)
        .get('a')
        ?.links.map(({ name }) => name),
    ).toEqual(['a', 'b', 'd', 'c']);
  });

  it('may be called anything a model may, and nothing is inherited', () => {
    const parsed: unknown = JSON.parse(
      '{"__proto__": {"targets": ["openai/a"]}, "constructor": {"targets": ["openai/b"]}}',
    );
    expect([...chains(parsed).keys()]).toEqual(['__proto__', 'constructor']);
    expect(chains({}).get('toString')).toBeUndefined();
    expect(chains(undefined).size).toBe(0);
  });
});

describe('FO-25: fallbacks that lead back are refused with their path', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['itself', { a: { targets: ['openai/x'], fallback: ['a'] } }, 'a -> a'],
    [
      'a circle of two',
      { a: { targets: ['openai/x'], fallback: ['b'] }, b: { targets: ['openai/y'], fallback: ['a'] } },
      'a -> b -> a',
    ],
    [
      'a circle behind another name',
      {
        start: { targets: ['openai/x'], fallback: ['b'] },
        b: { targets: ['openai/y'], fallback: ['c'] },
        c: { targets: ['openai/z'], fallback: ['groq/x', 'b'] },
      },
      'start -> b -> c -> b',
    ],
  ])('%s', (_what, options, path) => {
    expect(refusal(() => chains(options))).toMatch(
      new RegExp(`^models: the fallbacks lead back to "[abc]": ${path}\\.$`),
    );
  });
});

describe('what is refused, with the key and the fix', () => {
  it.each<[string, unknown, string]>([
    ['a list', [], 'models: must be an object of public names'],
    ['a text', { m: 'openai/x' }, 'models.m: the options must be an object such as'],
    ['no targets', { m: { targets: [] } }, '"targets" must be a list with at least one model'],
    ['missing targets', { m: {} }, '"targets" must be a list with at least one model'],
    [
      'an unknown key',
      { m: { targets: ['openai/x'], fallbacks: [] } },
      'unknown option "fallbacks" (did you mean "fallback"?)',
    ],
    [
      'an unknown target key',
      { m: { targets: [{ model: 'openai/x', wieght: 1 }] } },
      'unknown option "targets.0.wieght" (did you mean "weight"?)',
    ],
    [
      'an unknown strategy',
      { m: { targets: ['openai/x'], strategy: 'random' } },
      '"strategy" must be "priority" or "weighted"',
    ],
    [
      'a weight of 0',
      { m: { targets: [{ model: 'openai/x', weight: 0 }] } },
      '"targets.0.weight" must be greater than 0',
    ],
    [
      'a negative weight',
      { m: { targets: [{ model: 'openai/x', weight: -3 }] } },
      '"targets.0.weight" must be greater than 0',
    ],
    [
      'a weight that is no number',
      { m: { targets: [{ model: 'openai/x', weight: '70' }] } },
      '"targets.0.weight" must be a number',
    ],
    ['an unknown target', { m: { targets: ['nobody/x'] } }, 'models.m.targets: No provider is called "nobody"'],
    ['a target that is not configured', { m: { targets: ['gemini-2.5-pro'] } }, 'Set GEMINI_API_KEY, or add "gemini"'],
    [
      'a target twice',
      { m: { targets: ['openai/gpt-4o', 'gpt-4o'] } },
      'models.m.targets: "openai/gpt-4o" is given twice',
    ],
    [
      'an unknown fallback',
      { first: { targets: ['openai/x'], fallback: ['frst'] } },
      'models.first.fallback: "frst" is neither a public name (did you mean "first"?) nor a model',
    ],
    ['a public name that is a URL', { 'http://x': { targets: ['openai/x'] } }, 'models: a public name is a URL'],
    ['an empty public name', { '': { targets: ['openai/x'] } }, 'models: a public name is empty'],
  ])('%s', (_what, options, expected) => {
    expect(refusal(() => chains(options))).toContain(expected);
  });
});
