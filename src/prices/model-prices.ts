/** US dollars per million tokens. */
export interface TokenPrices {
  /** Tokens of the prompt that nothing below says otherwise of. */
  readonly input?: number;
  /** Generated tokens that nothing below says otherwise of. */
  readonly output?: number;
  /** Prompt tokens the provider's cache served. @default `input` */
  readonly cacheRead?: number;
  /** Prompt tokens written to the provider's cache, for five minutes where there is a choice. @default `input` */
  readonly cacheWrite?: number;
  /** Prompt tokens written to the provider's cache for an hour. @default `cacheWrite` */
  readonly cacheWrite1h?: number;
  /** Reasoning. @default `output` */
  readonly reasoning?: number;
  /** @default `input` */
  readonly inputAudio?: number;
  /** @default `cacheRead` */
  readonly cacheReadAudio?: number;
  /** @default `input` */
  readonly inputImage?: number;
  /** @default `cacheRead` */
  readonly cacheReadImage?: number;
  /** @default `output` */
  readonly outputAudio?: number;
  /** @default `output` */
  readonly outputImage?: number;
}

/** What one model costs, in US dollars, as its vendor's price page says it. A kind without a price is not for sale or unknown. */
export interface ModelPrices extends TokenPrices {
  /** Per request, whatever it holds. */
  readonly request?: number;
  /** Per generated image; the first that fits its size and quality counts. */
  readonly images?: readonly ImagePrice[];
  /** Per hour of audio. */
  readonly audioHour?: number;
  /** Least billed length of audio, in seconds. */
  readonly audioMinimumSeconds?: number;
  /** Per million characters. */
  readonly characters?: number;
  /** Per thousand searches the provider makes for the model. */
  readonly webSearches?: number;
  /** Other token prices for the whole of a request whose prompt is longer; of several the longest that fits counts. */
  readonly longPrompts?: readonly LongPromptPrices[];
  /** Other prices at certain times, in their entirety. Of several that fit, the last counts. */
  readonly periods?: readonly PricePeriod[];
}

export interface ImagePrice {
  readonly usd: number;
  /** @default any */
  readonly size?: string;
  /** @default any */
  readonly quality?: string;
}

export interface LongPromptPrices extends TokenPrices {
  /** Prompts with more tokens than this. */
  readonly above: number;
}

/** All that is given must hold. Times are UTC. */
export interface PricePeriod {
  /** First day, `2026-12-01`. @default always */
  readonly from?: string;
  /** Times of day, `01:00-04:00`; the end is not part of it. @default all day */
  readonly hours?: readonly string[];
  /** @default 'all' */
  readonly days?: 'all' | 'weekdays';
  readonly prices: Omit<ModelPrices, 'periods'>;
}

/** Prices by model name. `*` stands for any characters; of several names that fit, the one that says more counts. */
export type PriceTable = Readonly<Record<string, ModelPrices>>;
