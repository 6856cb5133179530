import type { Usage } from '../core/usage.ts';

/**
 * Everything of one answer that may be billed. Counts are whole numbers >= 0; the parts of a total are contained in it.
 * Where parts and total contradict each other, the larger is billed.
 */
export interface BillableUsage extends Usage {
  /** The part of `cacheReadTokens` (and of `inputAudioTokens`) that is audio. */
  readonly cacheReadAudioTokens?: number;
  /** The part of `cacheReadTokens` (and of `inputImageTokens`) that is images. */
  readonly cacheReadImageTokens?: number;
  /** Generated images. */
  readonly images?: readonly BilledImages[];
  /** Audio that is billed by its length, in milliseconds. */
  readonly audioMs?: number;
  /** Text that is billed by its length, in characters. */
  readonly characters?: number;
  /** Searches the provider made for the model. */
  readonly webSearches?: number;
}

/** Images of one kind. Vendors price them by size and quality, in their own words (`1024x1024`, `hd`). */
export interface BilledImages {
  readonly count: number;
  readonly size?: string;
  readonly quality?: string;
}
