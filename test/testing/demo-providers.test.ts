import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DemoProviders, startDemoProviders } from '../../src/testing/index.ts';
import { ask, bodyOf, dialects } from './support/ask.ts';
import { readStream, readWhole } from './support/read-answer.ts';

let demo: DemoProviders;

beforeAll(async () => {
  demo = await startDemoProviders();
});

afterAll(async () => {
  await demo.close();
});

describe('startDemoProviders', () => {
  it.each(dialects)('answers %s as what it is, with the question in the answer', async (dialect) => {
    const one = [demo.openai, demo.anthropic, demo.gemini].find((candidate) => candidate.dialect === dialect)!;
    const model = one.models[0]!;
    const seen = await ask(one.provider, {
      dialect,
      model,
      stream: true,
      text: 'Why is the sky blue?',
      patience: 1000,
    });
    const { text, finish } = readStream(seen);
    expect(text).toContain(`[demo] ${one.label}, model ${model}: no language model was asked.`);
    expect(text).toContain('You said "Why is the sky blue?".');
    expect(finish).toMatch(/^(stop|end_turn|STOP)$/);
    expect(seen.endAfter).toBeGreaterThan(700);
    expect(one.label).toContain('Built-in demo provider');
  });

  it('speaks one dialect each', async () => {
    expect((await ask(demo.openai.provider, { dialect: 'gemini' })).status).toBe(404);
  });

  it('can be broken and healed in front of an audience', async () => {
    demo.gemini.provider.breakWith('e503');
    expect((await ask(demo.gemini.provider, { dialect: 'gemini' })).status).toBe(503);
    demo.gemini.provider.heal();
    const healed = await ask(demo.gemini.provider, {
      dialect: 'gemini',
      body: bodyOf({ dialect: 'gemini' }),
      patience: 1000,
    });
    expect(readWhole(healed).text).toContain('[demo]');
  });

  it('closes without complaint, whatever model a visitor typed', async () => {
    const visited = await startDemoProviders();
    await ask(visited.openai.provider, { dialect: 'openai-chat', model: 'what(ever)' });
    await expect(visited.close()).resolves.toBeUndefined();
  });
});
