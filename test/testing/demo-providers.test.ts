import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DemoProviders, startDemoProviders } from '../../src/testing/index.ts';
import type { PlayedDialect } from '../../src/testing/personality.ts';
import { ask, bodyOf, type Seen } from './support/ask.ts';
import { readStream, readWhole } from './support/read-answer.ts';

let demo: DemoProviders;
/** What each said to one question: asked at the same time, for they take their time. */
let said: ReadonlyMap<PlayedDialect, Seen>;

beforeAll(async () => {
  demo = await startDemoProviders();
  const text = 'Why is the sky blue?';
  const all = [demo.openai, demo.anthropic, demo.gemini].map(async ({ dialect, models, provider }) => {
    const seen = await ask(provider, { dialect, model: models[0]!, stream: true, text, patience: 1000 });
    return [dialect, seen] as const;
  });
  said = new Map(await Promise.all(all));
});

afterAll(async () => {
  await demo.close();
});

describe('startDemoProviders', () => {
  it.each(['openai-chat', 'anthropic-messages', 'gemini'] as const)(
    'answers %s as what it is, with the question in the answer',
    (dialect) => {
      const { label, models } = [demo.openai, demo.anthropic, demo.gemini].find((one) => one.dialect === dialect)!;
      const seen = said.get(dialect)!;
      const { text, finish } = readStream(seen);
      expect(label).toContain('Built-in demo provider');
      expect(text).toContain(`[demo] ${label}, model ${models[0]}: no language model was asked.`);
      expect(text).toContain('You said "Why is the sky blue?".');
      expect(finish).toMatch(/^(stop|end_turn|STOP)$/);
      expect(seen.endAfter).toBeGreaterThan(700);
    },
  );

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
