import { describe, expect, it } from '@jest/globals';
import { openai } from '../../src/providers/openai.ts';
import { surfacesOf } from '../../src/providers/surface.ts';

function spoken(model: string): readonly string[] {
  return surfacesOf(openai).flatMap(({ dialect, models }) => ((models?.test(model) ?? true) ? [dialect.name] : []));
}

describe("OpenAI's models", () => {
  it.each([
    'o1-pro',
    'o1-pro-2025-03-19',
    'o3-pro',
    'o3-deep-research',
    'o4-mini-deep-research-2025-06-26',
    'gpt-5-pro',
    'gpt-5.2-pro',
    'gpt-5-codex',
    'gpt-5.1-codex-max',
    'codex-mini-latest',
    'computer-use-preview',
  ])('%s is served by the Responses API alone', (model) => {
    expect(spoken(model)).toEqual(['openai-responses']);
  });

  it.each(['gpt-4o', 'gpt-4.1-mini', 'o3', 'o4-mini', 'gpt-5', 'gpt-5-chat-latest', 'ft:gpt-4o:a::b'])(
    '%s is served by both, chat completions first',
    (model) => {
      expect(spoken(model)).toEqual(['openai-chat', 'openai-responses']);
    },
  );

  it.each(['gpt-4o-audio-preview', 'gpt-audio', 'gpt-4o-search-preview'])(
    '%s is served by chat completions alone',
    (model) => {
      expect(spoken(model)).toEqual(['openai-chat']);
    },
  );

  it.each(['o1-pro', 'gpt-5-codex', 'codex-mini-latest', 'computer-use-preview'])(
    '%s is known by its name',
    (model) => {
      expect(openai.models?.some((pattern) => pattern.test(model))).toBe(true);
    },
  );
});
