import { describe, expect, it } from '@jest/globals';
import type { Environment } from '../../src/core/environment.ts';
import type { ModelLink } from '../../src/providers/model-chains.ts';
import { createPlanner } from '../../src/providers/planner.ts';

const keys = { OPENAI_API_KEY: 'k', ANTHROPIC_API_KEY: 'k', MISTRAL_API_KEY: 'k' };

describe('the plan for a name with the environment alone', () => {
  it('begins at the model that was asked for, and goes on to equivalents by priority', () => {
    expect(way(zeroConfig(keys).plan('claude-sonnet-4-6', []))).toEqual([
      [
        ['anthropic/claude-sonnet-4-6', 2],
        ['openai/gpt-5.4', 3],
        ['mistral/mistral-large-latest', 4],
      ],
    ]);
  });

  it('shares the load from the start among providers that GATEWAY_WEIGHTS puts on one level', () => {
    const links = zeroConfig({ ...keys, GATEWAY_WEIGHTS: 'openai:70,anthropic:30' }).plan('gpt-4o', []);
    expect(way(links)).toEqual([
      [
        ['openai/gpt-4o', 1],
        ['anthropic/claude-sonnet-4-6', 1],
        ['mistral/mistral-large-latest', 2],
      ],
    ]);
    expect(links[0]?.targets.map(({ weight }) => weight)).toEqual([70, 30, 1]);
  });

  it('follows GATEWAY_FALLBACKS instead of the table where it has an entry', () => {
    const planner = zeroConfig({ ...keys, GATEWAY_FALLBACKS: 'gpt-4o=mistral/mistral-small-latest|claude-haiku-4-5' });
    expect(way(planner.plan('gpt-4o', []))).toEqual([
      [
        ['openai/gpt-4o', 1],
        ['mistral/mistral-small-latest', 2],
        ['anthropic/claude-haiku-4-5', 3],
      ],
    ]);
    expect(way(planner.plan('gpt-4o-mini', []))[0]).toHaveLength(3);
  });

  it('ends at the model itself when GATEWAY_FALLBACKS is off, or nothing is equivalent', () => {
    const off = zeroConfig({ ...keys, GATEWAY_FALLBACKS: 'off' });
    expect(way(off.plan('gpt-4o', []))).toEqual([[['openai/gpt-4o', 1]]]);
    expect(way(zeroConfig(keys).plan('gpt-4o-audio-preview', []))).toEqual([[['openai/gpt-4o-audio-preview', 1]]]);
    expect(way(zeroConfig({ OPENAI_API_KEY: 'k' }).plan('gpt-4o', []))).toEqual([[['openai/gpt-4o', 1]]]);
  });

  it('takes the fallbacks a request names instead of equivalents', () => {
    expect(way(zeroConfig(keys).plan('gpt-4o', ['mistral/codestral-latest', 'o3']))).toEqual([
      [['openai/gpt-4o', 1]],
      [['mistral/codestral-latest', 3]],
      [['openai/o3', 1]],
    ]);
  });

  it.each([
    ['nothing', [], { code: 'model_not_found', param: 'model' }],
    ['', [], { code: 'invalid_request', param: 'model' }],
    ['gpt-4o', ['nothing'], { code: 'model_not_found', param: 'fallback' }],
    ['gpt-4o', ['https://evil.example'], { code: 'invalid_request', param: 'fallback' }],
  ])('does not exist for %j with %j', (model, fallback, error) => {
    expect(() => zeroConfig(keys).plan(model, fallback)).toThrow(expect.objectContaining(error));
  });

  it('is the same at the next request', () => {
    const planner = zeroConfig(keys);
    expect(planner.plan('gpt-4o', [])).toEqual(planner.plan('gpt-4o', []));
    for (let number = 0; number < 1_500; number += 1) planner.plan(`openai/m${number}`, []);
    expect(way(planner.plan('openai/m1499', []))).toEqual([[['openai/m1499', 1]]]);
  });
});

describe('the plan for a name with options', () => {
  const planner = createPlanner({
    providers: { openai: { apiKey: 'k' }, anthropic: { apiKey: 'k' } },
    models: { 'gpt-4o': { targets: ['anthropic/claude-sonnet-4-6'], fallback: ['openai/gpt-4o'] } },
    environment: {},
  });

  it('is the public name\u0027s, before any model of that name', () => {
    expect(way(planner.plan('gpt-4o', []))).toEqual([[['anthropic/claude-sonnet-4-6', 1]], [['openai/gpt-4o', 1]]]);
  });

  it('has no stand-ins that nobody wrote', () => {
    expect(way(planner.plan('openai/gpt-4o', []))).toEqual([[['openai/gpt-4o', 1]]]);
  });

  it('may end at a public name that the request names', () => {
    expect(way(planner.plan('claude-haiku-4-5', ['gpt-4o']))).toEqual([
      [['anthropic/claude-haiku-4-5', 1]],
      [['anthropic/claude-sonnet-4-6', 1]],
      [['openai/gpt-4o', 1]],
    ]);
  });
});

function zeroConfig(environment: Environment) {
  return createPlanner({ providers: undefined, models: undefined, environment });
}

function way(links: readonly ModelLink[]) {
  return links.map(({ targets }) => targets.map(({ id, priority }) => [id, priority]));
}
