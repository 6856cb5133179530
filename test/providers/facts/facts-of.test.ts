import { describe, expect, it } from '@jest/globals';
import { factsOf, targetPricing } from '../../../src/providers/facts/facts-of.ts';
import type { ModelFacts } from '../../../src/providers/facts/model-facts.ts';
import type { ProvidersOptions } from '../../../src/providers/options.ts';
import { targetAt } from '../../../src/providers/target.ts';
import { instancesOf, refusal } from '../support.ts';

const apiKey = 'k';
const all: ProvidersOptions = {
  openai: { apiKey },
  anthropic: { apiKey },
  gemini: { apiKey },
  mistral: { apiKey },
  groq: { apiKey },
  deepseek: { apiKey },
  together: { apiKey },
  'hugging-face': { apiKey },
  cohere: { apiKey },
  bedrock: { apiKey, region: 'us-east-1' },
  azure: { apiKey, resource: 'mine' },
  ollama: {},
  lab: { type: 'openai-compatible', baseUrl: 'http://lab' },
};

function facts(id: string, options: ProvidersOptions = all): ModelFacts {
  const slash = id.indexOf('/');
  const instance = instancesOf(options).get(id.slice(0, slash));
  if (instance === undefined) throw new Error(`No ${id}.`);
  return factsOf(targetAt(instance, id.slice(slash + 1)));
}

describe('the facts of a model', () => {
  it.each<[id: string, known: ModelFacts]>([
    [
      'openai/gpt-4o',
      {
        contextWindow: 128_000,
        maxOutputTokens: 16_384,
        tools: true,
        vision: true,
        jsonSchema: true,
        reasoning: false,
        audioInput: false,
      },
    ],
    ['openai/gpt-4o-2024-05-13', { jsonSchema: false, jsonMode: true }],
    ['openai/gpt-4o-audio-preview', { audioInput: true, vision: false }],
    ['openai/gpt-3.5-turbo', { contextWindow: 16_385, vision: false, jsonSchema: false, jsonMode: true, tools: true }],
    ['openai/gpt-4', { contextWindow: 8_192, vision: false }],
    ['openai/gpt-4-turbo', { contextWindow: 128_000, vision: true, jsonSchema: false }],
    ['openai/o1-mini', { tools: false, vision: false, jsonSchema: false, reasoning: true }],
    ['openai/o3-mini', { tools: true, vision: false, jsonSchema: true }],
    ['openai/gpt-5.4', { contextWindow: 1_050_000, tools: true, vision: true }],
    ['openai/text-embedding-3-small', { embeddings: true, tools: false, streaming: false, images: false }],
    ['openai/dall-e-3', { images: true, embeddings: false, tools: false }],
    ['openai/whisper-1', { images: false, embeddings: false, tools: false }],
    [
      'anthropic/claude-sonnet-4-6',
      {
        contextWindow: 1_000_000,
        tools: true,
        vision: true,
        files: true,
        jsonSchema: true,
        reasoning: true,
        choices: false,
        audioInput: false,
      },
    ],
    [
      'anthropic/claude-3-haiku-20240307',
      {
        contextWindow: 200_000,
        maxOutputTokens: 4_096,
        vision: true,
        files: false,
        jsonSchema: false,
        reasoning: false,
      },
    ],
    ['anthropic/claude-2.1', { tools: false, vision: false, files: false }],
    [
      'gemini/gemini-2.5-pro',
      { contextWindow: 1_048_576, maxOutputTokens: 65_536, audioInput: true, reasoning: true, choices: true },
    ],
    ['gemini/gemini-2.0-flash', { reasoning: false, maxOutputTokens: 8_192, tools: true }],
    ['gemini/gemini-2.5-flash-image', { tools: false, images: true }],
    ['gemini/gemma-3-27b-it', { tools: false, jsonSchema: false }],
    ['gemini/imagen-4.0-generate-001', { images: true, tools: false }],
    ['mistral/mistral-large-latest', { vision: true, contextWindow: 262_144 }],
    ['mistral/mistral-large-2411', { vision: false, contextWindow: 131_072 }],
    ['mistral/mistral-embed', { embeddings: true, tools: false }],
    ['groq/llama-3.3-70b-versatile', { vision: false, jsonSchema: false, choices: false, contextWindow: 131_072 }],
    ['groq/meta-llama/llama-4-scout-17b-16e-instruct', { vision: true, jsonSchema: true }],
    ['groq/openai/gpt-oss-120b', { vision: false, jsonSchema: true, reasoning: true, contextWindow: 131_072 }],
    ['deepseek/deepseek-flash', { vision: true, jsonSchema: false, contextWindow: 1_000_000 }],
    ['deepseek/deepseek-v4-pro', { vision: false, tools: true }],
    ['together/meta-llama/Llama-3.3-70B-Instruct-Turbo', { vision: false, reasoning: false }],
    ['together/meta-llama/Llama-3.2-11B-Vision-Instruct-Turbo', { vision: true }],
    ['hugging-face/Qwen/Qwen2.5-7B-Instruct', { vision: false }],
    ['ollama/llama3.2', { toolChoice: false, choices: false }],
    ['cohere/command-a-03-2025', { tools: true, vision: false, contextWindow: 256_000, maxOutputTokens: 8_000 }],
    ['cohere/command-a-vision-07-2025', { tools: false, vision: true }],
    ['cohere/embed-v4.0', { embeddings: true, tools: false }],
    ['bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0', { tools: true, vision: true, contextWindow: 200_000 }],
    ['bedrock/amazon.titan-text-express-v1', { tools: false, vision: false, contextWindow: 8_192 }],
    ['bedrock/us.meta.llama3-3-70b-instruct-v1:0', { vision: false, choices: false, contextWindow: 128_000 }],
    ['bedrock/meta.llama3-8b-instruct-v1:0', { tools: false }],
  ])('%s', (id, known) => {
    expect(facts(id)).toMatchObject(known);
  });

  it.each<[id: string, unknown: readonly (keyof ModelFacts)[]]>([
    ['lab/llama-3.3-70b', ['tools', 'vision', 'contextWindow', 'jsonSchema']],
    ['ollama/llama3.2', ['tools', 'vision', 'contextWindow']],
    ['openai/demo-small', ['tools', 'vision', 'contextWindow']],
    ['together/meta-llama/Llama-3.2-11B-Vision-Instruct-Turbo', ['tools', 'contextWindow']],
    ['hugging-face/Qwen/Qwen2.5-VL-7B-Instruct', ['vision', 'tools']],
    ['cohere/command-a-plus-05-2026', ['vision', 'contextWindow']],
    ['azure/gpt-4', ['tools', 'vision', 'jsonSchema', 'contextWindow']],
    ['openai/gpt-5.9-future', ['audioInput', 'contextWindow']],
  ])('of %s, it claims nothing about %j', (id, unknown) => {
    const known = facts(id);
    expect(unknown.filter((name) => known[name] !== undefined)).toEqual([]);
  });

  it('are what the operator says, fact by fact', () => {
    const own = {
      openai: {
        apiKey,
        capabilities: { 'gpt-4o*': { vision: false, maxOutputTokens: 100 } },
        contextWindows: { 'gpt-4o': 1_000, '*': 5 },
        prices: { 'gpt-4o': { input: 1, output: 1 } },
      },
    };
    expect(facts('openai/gpt-4o', own)).toMatchObject({
      vision: false,
      tools: true,
      contextWindow: 1_000,
      maxOutputTokens: 100,
    });
    expect(facts('openai/gpt-4o-mini', own)).toMatchObject({ vision: false, contextWindow: 5 });
    const instance = instancesOf(own).get('openai');
    const price =
      instance && targetPricing(targetAt(instance, 'gpt-4o')).priceOf({ inputTokens: 1, outputTokens: 0 }, 0);
    expect(price).toEqual({ nanoUsd: 1_000, version: expect.stringMatching(/^own:/) });
  });

  it.each<[options: object, message: string]>([
    [{ capabilities: { m: { tool: true } } }, 'unknown option "capabilities.m.tool" (did you mean "tools"?)'],
    [{ capabilities: { m: { tools: 'yes' } } }, '"capabilities.m.tools" must be true or false'],
    [{ contextWindows: { m: '128k' } }, '"contextWindows.m" must be a whole number of tokens'],
    [{ contextWindows: { m: 0 } }, '"contextWindows.m" must be greater than 0'],
    [{ prices: 3 }, '"prices" must be an object of models and their prices, or the path of a JSON file'],
  ])('refuse %j', (options, message) => {
    expect(refusal(() => instancesOf({ openai: { apiKey, ...options } }))).toBe(`providers.openai: ${message}`);
  });

  it('refuse prices that are none, by their own name', () => {
    const prices: object = { m: { input: 'free' } };
    expect(refusal(() => instancesOf({ openai: { apiKey, ...{ prices } } as never }))).toBe(
      'providers.openai.prices: "m.input" must be a number of US dollars',
    );
  });
});
