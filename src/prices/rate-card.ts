import type { LongPromptPrices, ModelPrices, TokenPrices } from './model-prices.ts';

/** Nano-USD per million tokens. */
export type TokenRates = { readonly [Kind in keyof TokenPrices]: bigint };

/** The prices of one model at one time as whole numbers, ready to be multiplied. */
export interface RateCard {
  /** Where the prices come from and of when they are. */
  readonly version: string;
  readonly tokens: TokenRates;
  /** By length, the shortest first; each complete. */
  readonly longPrompts: readonly { readonly above: number; readonly tokens: TokenRates }[];
  /** Nano-USD. */
  readonly request?: bigint;
  readonly images: readonly { readonly nanoUsd: bigint; readonly size?: string; readonly quality?: string }[];
  /** Nano-USD per hour. */
  readonly audioHour?: bigint;
  readonly audioMinimumMs: number;
  /** Nano-USD per million. */
  readonly characters?: bigint;
  /** Nano-USD per thousand. */
  readonly webSearches?: bigint;
}

const tokenKinds = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite',
  'cacheWrite1h',
  'reasoning',
  'inputAudio',
  'cacheReadAudio',
  'inputImage',
  'cacheReadImage',
  'outputAudio',
  'outputImage',
] as const satisfies readonly (keyof TokenPrices)[];

export function rateCard(prices: Omit<ModelPrices, 'periods'>, version: string): RateCard {
  const { request, audioHour, characters, webSearches, images = [], longPrompts = [] } = prices;
  return {
    version,
    tokens: tokenRates(prices),
    longPrompts: [...longPrompts].sort((a, b) => a.above - b.above).map((tier) => longPromptRates(tier, prices)),
    images: images.map(({ usd, ...kind }) => ({ ...kind, nanoUsd: nanoUsd(usd) })),
    audioMinimumMs: (prices.audioMinimumSeconds ?? 0) * 1000,
    ...(request !== undefined && { request: nanoUsd(request) }),
    ...(audioHour !== undefined && { audioHour: nanoUsd(audioHour) }),
    ...(characters !== undefined && { characters: nanoUsd(characters) }),
    ...(webSearches !== undefined && { webSearches: nanoUsd(webSearches) }),
  };
}

function longPromptRates(tier: LongPromptPrices, base: TokenPrices): RateCard['longPrompts'][number] {
  return { above: tier.above, tokens: tokenRates({ ...base, ...tier }) };
}

function tokenRates(prices: TokenPrices): TokenRates {
  return Object.fromEntries(
    tokenKinds.flatMap((kind) => {
      const price = prices[kind];
      return price === undefined ? [] : [[kind, nanoUsd(price)]];
    }),
  );
}

/** Vendors' prices have far fewer than nine decimals, so this is exact. */
function nanoUsd(usd: number): bigint {
  return BigInt(Math.round(usd * 1e9));
}
