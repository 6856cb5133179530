import { describe, expect, it } from '@jest/globals';
import { type BillableUsage, type PricedModel, pricingOf, readOwnPrices } from '../../src/prices/index.ts';

const noon = Date.parse('2026-11-21T12:00:00Z');
/** A Wednesday, inside DeepSeek's peak hours. */
const peak = Date.parse('2026-11-18T02:00:00Z');

function cost(model: PricedModel, usage: Partial<BillableUsage>, at = noon): number | null {
  return pricingOf(model).priceOf({ inputTokens: 0, outputTokens: 0, ...usage }, at)?.nanoUsd ?? null;
}

function of(id: string): PricedModel {
  const slash = id.indexOf('/');
  return { provider: id.slice(0, slash), model: id.slice(slash + 1) };
}

describe('the price of an answer', () => {
  it.each<[id: string, usage: Partial<BillableUsage>, nanoUsd: number]>([
    // 1,000 x $2.50 + 500 x $10 a million.
    ['openai/gpt-4o', { inputTokens: 1_000, outputTokens: 500 }, 7_500_000],
    // Of 1,000 prompt tokens 600 at half the price.
    ['openai/gpt-4o', { inputTokens: 1_000, outputTokens: 0, cacheReadTokens: 600 }, 1_750_000],
    // Reasoning is output.
    ['openai/o3-mini', { inputTokens: 100, outputTokens: 1_000, reasoningTokens: 900 }, 4_510_000],
    ['openai/gpt-5.4', { inputTokens: 272_000, outputTokens: 100 }, 1_362_250_000],
    ['openai/gpt-5.4', { inputTokens: 271_999, outputTokens: 100 }, 681_497_500],
    [
      'openai/gpt-4o-audio-preview',
      { inputTokens: 100, inputAudioTokens: 60, outputTokens: 50, outputAudioTokens: 50 },
      6_500_000,
    ],
    ['openai/text-embedding-3-small', { inputTokens: 1 }, 20],
    // 10 new, 2,000 read at $0.30, 300 written for five minutes at $3.75, 100 for an hour at $6, 50 out at $15.
    [
      'anthropic/claude-sonnet-4-20250514',
      { inputTokens: 2_410, cacheReadTokens: 2_000, cacheWriteTokens: 400, cacheWrite1hTokens: 100, outputTokens: 50 },
      10 * 3_000 + 2_000 * 300 + 300 * 3_750 + 100 * 6_000 + 50 * 15_000,
    ],
    ['anthropic/claude-sonnet-4-5', { inputTokens: 200_001, outputTokens: 10 }, 200_001 * 6_000 + 10 * 22_500],
    ['gemini/gemini-2.5-pro', { inputTokens: 200_000, outputTokens: 1_000 }, 200_000 * 1_250 + 1_000 * 10_000],
    ['gemini/gemini-2.5-pro', { inputTokens: 200_001, outputTokens: 1_000 }, 200_001 * 2_500 + 1_000 * 15_000],
    // The cache's share of a long prompt is dearer, too, and the whole prompt decides.
    ['gemini/gemini-2.5-pro', { inputTokens: 300_000, cacheReadTokens: 200_000 }, 100_000 * 2_500 + 200_000 * 250],
    ['gemini/gemini-2.5-flash', { inputTokens: 100, inputAudioTokens: 40 }, 60 * 300 + 40 * 1_000],
    [
      'gemini/gemini-2.5-flash-image',
      { inputTokens: 10, outputTokens: 1_290, outputImageTokens: 1_290 },
      10 * 300 + 1_290 * 30_000,
    ],
    ['mistral/mistral-large-latest', { inputTokens: 1_000, outputTokens: 1_000 }, 2_000_000],
    ['mistral/mistral-large-2411', { inputTokens: 1_000, outputTokens: 1_000 }, 8_000_000],
    ['groq/llama-3.1-8b-instant', { inputTokens: 100, outputTokens: 100 }, 13_000],
    ['together/openai/gpt-oss-20b', { inputTokens: 100, outputTokens: 100 }, 25_000],
    ['together/moonshotai/Kimi-K3', { inputTokens: 100, cacheReadTokens: 60, outputTokens: 10 }, 288_000],
    ['cohere/command-r', { inputTokens: 100, outputTokens: 100 }, 75_000],
    [
      'bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
      { inputTokens: 100, outputTokens: 10 },
      100 * 3_300 + 10 * 16_500,
    ],
    [
      'bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0',
      { inputTokens: 100, outputTokens: 10 },
      100 * 3_000 + 10 * 15_000,
    ],
    ['bedrock/amazon.titan-text-express-v1', { inputTokens: 100, outputTokens: 10 }, 100 * 200 + 10 * 600],
    ['bedrock/amazon.titan-embed-text-v2:0', { inputTokens: 100 }, 2_000],
    ['bedrock/us.meta.llama3-3-70b-instruct-v1:0', { inputTokens: 100, outputTokens: 100 }, 144_000],
    ['azure/gpt-4o', { inputTokens: 100, outputTokens: 100 }, 1_250_000],
    ['ollama/llama3.2', { inputTokens: 5_000, outputTokens: 5_000 }, 0],
    ['vllm/anything', { inputTokens: 5_000, outputTokens: 5_000, reasoningTokens: 10 }, 0],
  ])('%s, %j: %d nano-USD', (id, usage, nanoUsd) => {
    expect(cost(of(id), usage)).toBe(nanoUsd);
  });

  it.each<[id: string, usage: Partial<BillableUsage>, nanoUsd: number]>([
    ['openai/dall-e-3', { images: [{ count: 2 }] }, 80_000_000],
    ['openai/dall-e-3', { images: [{ count: 1, quality: 'hd', size: '1024x1792' }] }, 120_000_000],
    ['openai/dall-e-3', { images: [{ count: 1, quality: 'standard', size: '1792x1024' }] }, 80_000_000],
    ['openai/dall-e-2', { images: [{ count: 10, size: '256x256' }] }, 160_000_000],
    ['gemini/imagen-4.0-generate-001', { images: [{ count: 3 }] }, 120_000_000],
    // Images that are billed by their tokens cost nothing beside them.
    [
      'openai/gpt-image-1',
      { inputTokens: 50, outputTokens: 1_000, images: [{ count: 1 }] },
      50 * 5_000 + 1_000 * 40_000,
    ],
    ['openai/tts-1', { characters: 1_000 }, 15_000_000],
    // 20 minutes at $0.36 an hour.
    ['openai/whisper-1', { audioMs: 1_200_000 }, 120_000_000],
    // Three seconds count as ten, at $0.04 an hour.
    ['groq/whisper-large-v3-turbo', { audioMs: 3_000 }, 111_111],
    ['openai/gpt-4o', { inputTokens: 1_000, webSearches: 2 }, 2_500_000 + 20_000_000],
  ])('%s, %j: %d nano-USD by the piece', (id, usage, nanoUsd) => {
    expect(cost(of(id), usage)).toBe(nanoUsd);
  });

  it.each<[id: string, usage: Partial<BillableUsage>]>([
    ['openai/gpt-99', { inputTokens: 1 }],
    ['azure/my-deployment', { inputTokens: 1 }],
    ['hugging-face/openai/gpt-oss-120b', { inputTokens: 1 }],
    ['nobody/gpt-4o', { inputTokens: 1 }],
    ['__proto__/constructor', { inputTokens: 1 }],
    ['openai/__proto__', { inputTokens: 1 }],
    // A known model that is not sold this way.
    ['openai/whisper-1', { inputTokens: 10, outputTokens: 5 }],
    ['openai/text-embedding-3-small', { inputTokens: 10, outputTokens: 5 }],
    ['openai/gpt-4o', { images: [{ count: 1 }] }],
    ['openai/dall-e-3', { inputTokens: 5, outputTokens: 5 }],
  ])('of %s, %j is unknown, and never 0', (id, usage) => {
    expect(cost(of(id), usage)).toBeNull();
  });

  it('doubles at DeepSeek\u0027s peak hours, on weekdays alone', () => {
    const usage = { inputTokens: 1_000, cacheReadTokens: 400, outputTokens: 100 };
    expect(cost(of('deepseek/deepseek-flash'), usage)).toBe(600 * 150 + 400 * 3 + 100 * 600);
    expect(cost(of('deepseek/deepseek-flash'), usage, peak)).toBe(600 * 300 + 400 * 6 + 100 * 1_200);
    expect(cost(of('deepseek/deepseek-flash'), usage, Date.parse('2026-11-22T02:00:00Z'))).toBe(151_200);
    expect(cost(of('deepseek/deepseek-flash'), usage, Date.parse('2026-11-18T04:00:00Z'))).toBe(151_200);
  });

  it('takes the time of day from the public data, where that has it', () => {
    const usage = { inputTokens: 1_000, outputTokens: 0 };
    const night = cost(of('deepseek/deepseek-chat'), usage, Date.parse('2025-03-01T20:00:00Z'));
    expect(night).not.toBe(cost(of('deepseek/deepseek-chat'), usage, Date.parse('2025-03-01T12:00:00Z')));
  });

  it('follows a price that changes on a day', () => {
    const usage = { inputTokens: 1_000, outputTokens: 1_000 };
    expect(cost(of('gemini/gemini-4-argon'), usage, Date.parse('2026-11-30T23:59:59Z'))).toBe(12_000_000);
    expect(cost(of('gemini/gemini-4-argon'), usage, Date.parse('2026-12-01T00:00:00Z'))).toBe(24_000_000);
    const flash = of('gemini/gemini-3.8-flash');
    expect(cost(flash, usage, Date.parse('2027-01-01T00:00:00Z'))).not.toBe(cost(flash, usage));
  });

  it('knows servers of no known provider by their address', () => {
    const model = { provider: 'openai-compatible', model: 'openai/gpt-4o' };
    expect(cost({ ...model, address: 'https://openrouter.ai/api/v1' }, { inputTokens: 1_000 })).toBe(2_500_000);
    expect(cost({ ...model, address: 'http://10.0.0.5:8000/v1' }, { inputTokens: 1_000 })).toBeNull();
  });

  it('knows whom Hugging Face asks, where the name of the model says so', () => {
    const together = cost(of('hugging-face/meta-llama/Llama-3.3-70B-Instruct:together'), { inputTokens: 1_000 });
    expect(together).toBe(880_000);
    expect(cost(of('hugging-face/meta-llama/Llama-3.3-70B-Instruct:nobody'), { inputTokens: 1 })).toBeNull();
    expect(cost(of('hugging-face/meta-llama/Llama-3.3-70B-Instruct'), { inputTokens: 1 })).toBeNull();
  });

  it('is rounded once, half up', () => {
    const own = readOwnPrices({ tiny: { input: 0.0005, output: 0.0004 } }, 'prices');
    const tiny = { provider: 'vllm', model: 'tiny', own };
    expect(cost(tiny, { inputTokens: 1 })).toBe(1);
    expect(cost(tiny, { outputTokens: 1 })).toBe(0);
    // 0.5 + 0.4 nano-USD: rounded apart these would be 1 + 0 as well, but three of each are 2.7.
    expect(cost(tiny, { inputTokens: 3, outputTokens: 3 })).toBe(3);
  });

  it('bills the parts where they are more than their total, and never throws for it', () => {
    const sonnet = of('anthropic/claude-sonnet-4-20250514');
    expect(cost(sonnet, { inputTokens: 100, cacheReadTokens: 500 })).toBe(500 * 300);
    expect(cost(sonnet, { inputTokens: 0, cacheWriteTokens: 5, cacheWrite1hTokens: 9 })).toBe(5 * 6_000);
    expect(cost(sonnet, { outputTokens: 10, reasoningTokens: 40 })).toBe(40 * 15_000);
  });

  it('says which prices it was made of', () => {
    const versions = ['openai/gpt-4o', 'mistral/mistral-large-latest'].map(
      (id) => pricingOf(of(id)).priceOf({ inputTokens: 1, outputTokens: 1 }, noon)?.version,
    );
    expect(versions).toEqual([expect.stringMatching(/^genai-prices@\d+\.\d+\.\d+/), 'corrections@2026-11-21']);
  });
});

describe('an operator\u0027s own prices', () => {
  const own = readOwnPrices(
    {
      'gpt-4o': { input: 1, output: 2 },
      'gpt-4o*': { input: 3, output: 3 },
      '*': { input: 7, output: 7, request: 0.001 },
      long: {
        input: 1,
        output: 1,
        longPrompts: [
          { above: 1_000, input: 2 },
          { above: 10_000, input: 4, output: 8 },
        ],
      },
    },
    'providers.openai.prices',
  );
  const at = (model: string, usage: Partial<BillableUsage>) => cost({ provider: 'openai', model, own }, usage);

  it('stand before all others, the closest name first', () => {
    expect(at('gpt-4o', { inputTokens: 1 })).toBe(1_000);
    expect(at('gpt-4o-mini', { inputTokens: 1 })).toBe(3_000);
    expect(at('whatever', { inputTokens: 1 })).toBe(7_000 + 1_000_000);
  });

  it('may differ for long prompts', () => {
    expect(at('long', { inputTokens: 1_000, outputTokens: 1 })).toBe(1_001_000);
    expect(at('long', { inputTokens: 1_001, outputTokens: 1 })).toBe(2_003_000);
    expect(at('long', { inputTokens: 10_001, outputTokens: 1 })).toBe(40_012_000);
  });

  it('have a version that changes with them', () => {
    const versionOf = (input: number) => readOwnPrices({ m: { input, output: 1 } }, 'prices').version;
    expect(versionOf(1)).toBe(versionOf(1));
    expect(versionOf(1)).not.toBe(versionOf(2));
    expect(versionOf(1)).toMatch(/^own:[0-9a-f]{12}$/);
  });
});
