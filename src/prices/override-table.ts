import type { ModelPrices, PriceTable } from './model-prices.ts';

/** When the table was last compared with its sources. */
export const overridesCheckedOn = '2026-11-21';

const free: ModelPrices = { input: 0, output: 0 };

/** The price of Flash; its name stands for whatever Flash is current, and the names before it are billed as it is. */
const deepseekFlash = peakPrices({ input: 0.15, cacheRead: 0.003, output: 0.6 });
const mistralLarge3: ModelPrices = { input: 0.5, cacheRead: 0.05, output: 1.5 };
const mistralSmall4: ModelPrices = { input: 0.15, cacheRead: 0.015, output: 0.6 };

/**
 * What the public price data lacks or has out of date, by provider. US dollars per million tokens unless the name says
 * otherwise.
 */
export const priceOverrides: Readonly<Record<string, PriceTable>> = {
  // https://platform.openai.com/docs/pricing, https://platform.openai.com/docs/models/dall-e-3
  openai: {
    'dall-e-3': {
      images: [
        { quality: 'hd', size: '1024x1792', usd: 0.12 },
        { quality: 'hd', size: '1792x1024', usd: 0.12 },
        { quality: 'hd', usd: 0.08 },
        { size: '1024x1792', usd: 0.08 },
        { size: '1792x1024', usd: 0.08 },
        { usd: 0.04 },
      ],
    },
    'dall-e-2': { images: [{ size: '256x256', usd: 0.016 }, { size: '512x512', usd: 0.018 }, { usd: 0.02 }] },
    'tts-1': { characters: 15 },
    'tts-1-hd': { characters: 30 },
    'gpt-4o-audio-preview*': { input: 2.5, output: 10, inputAudio: 40, outputAudio: 80 },
    'gpt-4o-mini-audio-preview*': { input: 0.15, output: 0.6, inputAudio: 10, outputAudio: 20 },
  },
  // https://ai.google.dev/gemini-api/docs/pricing
  gemini: {
    'gemini-4-argon': {
      input: 2,
      cacheRead: 0.1,
      output: 10,
      periods: [{ from: '2026-12-01', prices: { input: 4, cacheRead: 0.2, output: 20 } }],
    },
    'text-embedding-004': free,
    'imagen-4.0-generate-001': { images: [{ usd: 0.04 }] },
    'imagen-4.0-fast-generate-001': { images: [{ usd: 0.02 }] },
    'imagen-4.0-ultra-generate-001': { images: [{ usd: 0.06 }] },
    'imagen-3.0-generate-*': { images: [{ usd: 0.03 }] },
  },
  // https://mistral.ai/pricing: the `-latest` names moved on.
  mistral: {
    'mistral-large-latest': mistralLarge3,
    'mistral-small-latest': mistralSmall4,
    // Embeddings are billed by their input.
    'mistral-embed': { input: 0.1, output: 0 },
  },
  // https://api-docs.deepseek.com/quick_start/pricing. Chinese public holidays are off-peak too; this table bills them
  // as the working days they would be.
  deepseek: {
    'deepseek-flash': deepseekFlash,
    'deepseek-v4-flash': deepseekFlash,
    'deepseek-v4-flash-vision-exp': deepseekFlash,
    'deepseek-v4-pro': peakPrices({ input: 0.66, cacheRead: 0.022, output: 1.98 }),
  },
  // https://www.together.ai/pricing
  together: {
    'openai/gpt-oss-120b': { input: 0.15, output: 0.6 },
    'openai/gpt-oss-20b': { input: 0.05, output: 0.2 },
    // https://docs.together.ai/docs/kimi-k3-quickstart
    'moonshotai/Kimi-K3': { input: 3, cacheRead: 0.3, output: 15 },
  },
  // https://cohere.com/pricing
  cohere: { 'embed-english-v3.0': { input: 0.1 }, 'embed-multilingual-v3.0': { input: 0.1 } },
  // https://aws.amazon.com/bedrock/pricing/
  bedrock: { '*amazon.titan-embed-text-v2:0': { input: 0.02 } },
  // They run on the operator's own machines.
  ollama: { '*': free },
  vllm: { '*': free },
};

/** Off-peak prices, doubled from 01:00 to 04:00 and from 06:00 to 10:00 UTC on weekdays. */
function peakPrices({ input, cacheRead, output }: Record<'input' | 'cacheRead' | 'output', number>): ModelPrices {
  const peak = { input: input * 2, cacheRead: cacheRead * 2, output: output * 2 };
  return {
    input,
    cacheRead,
    output,
    periods: [{ hours: ['01:00-04:00', '06:00-10:00'], days: 'weekdays', prices: peak }],
  };
}
