import type { BillableUsage, BilledImages } from './billable-usage.ts';
import type { RateCard, TokenRates } from './rate-card.ts';

/**
 * What an answer costs in nano-USD, as a whole number, rounded once, half up; null when something was used that has no
 * price. Beyond 9 million US dollars the last digits are lost.
 */
export function computeCost(card: RateCard, usage: BillableUsage): number | null {
  const tokens = tokenCost(ratesFor(card, usage), usage);
  const pieces = pieceCost(card, usage);
  const total = combine(tokens, pieces, usage);
  return total === null ? null : Number((total + scale / 2n) / scale);
}

/**
 * Sums are fractions of this many parts, which all units divide: a million tokens or characters, a thousand searches,
 * the milliseconds of an hour.
 */
const scale = 18_000_000n;
const perMillion = scale / 1_000_000n;
const perThousand = scale / 1_000n;
const perMillisecond = scale / 3_600_000n;

/** What is not for sale by itself is contained in the other price (images in their tokens, a prompt in its image). */
function combine(tokens: bigint | null, pieces: bigint | null, usage: BillableUsage): bigint | null {
  const hasTokens = usage.inputTokens > 0 || usage.outputTokens > 0;
  const hasPieces = countOf(usage.images) > 0 || (usage.audioMs ?? 0) > 0 || (usage.characters ?? 0) > 0;
  if (tokens !== null && pieces !== null) return tokens + pieces;
  if (tokens === null && pieces !== null && hasPieces) return pieces;
  return pieces === null && tokens !== null && hasTokens ? tokens : null;
}

function ratesFor({ tokens, longPrompts }: RateCard, usage: BillableUsage): TokenRates {
  if (longPrompts.length === 0) return tokens;
  const length = promptTokens(usage);
  return longPrompts.findLast(({ above }) => length > above)?.tokens ?? tokens;
}

/** Adds up counts times rates; null once something was used that has no rate. */
class RatedSum {
  #sum: bigint | null = 0n;

  add(count: number, rate: bigint | undefined): void {
    if (count <= 0 || this.#sum === null) return;
    this.#sum = rate === undefined ? null : this.#sum + BigInt(count) * rate;
  }

  /** @param share how many parts of the scale one unit of a rate is */
  times(share: bigint): bigint | null {
    return this.#sum === null ? null : this.#sum * share;
  }
}

function tokenCost(rates: TokenRates, usage: BillableUsage): bigint | null {
  const sum = new RatedSum();
  addInput(sum, rates, usage);
  addOutput(sum, rates, usage);
  return sum.times(perMillion);
}

/** The prompt in parts that do not overlap. */
function addInput(sum: RatedSum, rates: TokenRates, usage: BillableUsage): void {
  const { cacheReadTokens = 0, cacheWriteTokens = 0, inputAudioTokens = 0, inputImageTokens = 0 } = usage;
  const audioRead = Math.min(usage.cacheReadAudioTokens ?? 0, cacheReadTokens, inputAudioTokens);
  const imageRead = Math.min(usage.cacheReadImageTokens ?? 0, cacheReadTokens - audioRead, inputImageTokens);
  const hour = Math.min(usage.cacheWrite1hTokens ?? 0, cacheWriteTokens);
  const read = rates.cacheRead ?? rates.input;
  const write = rates.cacheWrite ?? rates.input;
  const audio = inputAudioTokens - audioRead;
  const image = inputImageTokens - imageRead;
  sum.add(usage.inputTokens - cacheReadTokens - cacheWriteTokens - audio - image, rates.input);
  sum.add(cacheReadTokens - audioRead - imageRead, read);
  sum.add(audioRead, rates.cacheReadAudio ?? read);
  sum.add(imageRead, rates.cacheReadImage ?? read);
  sum.add(cacheWriteTokens - hour, write);
  sum.add(hour, rates.cacheWrite1h ?? write);
  sum.add(audio, rates.inputAudio ?? rates.input);
  sum.add(image, rates.inputImage ?? rates.input);
}

function addOutput(sum: RatedSum, rates: TokenRates, usage: BillableUsage): void {
  const { reasoningTokens = 0, outputAudioTokens = 0, outputImageTokens = 0 } = usage;
  sum.add(usage.outputTokens - reasoningTokens - outputAudioTokens - outputImageTokens, rates.output);
  sum.add(reasoningTokens, rates.reasoning ?? rates.output);
  sum.add(outputAudioTokens, rates.outputAudio ?? rates.output);
  sum.add(outputImageTokens, rates.outputImage ?? rates.output);
}

function promptTokens(usage: BillableUsage): number {
  const parts = (usage.cacheReadTokens ?? 0) + (usage.cacheWriteTokens ?? 0);
  return Math.max(usage.inputTokens, parts);
}

function pieceCost(card: RateCard, usage: BillableUsage): bigint | null {
  const costs = [
    (card.request ?? 0n) * scale,
    imageCost(card, usage.images ?? []),
    audioCost(card, usage.audioMs ?? 0),
    unitCost(usage.characters, card.characters, perMillion),
    unitCost(usage.webSearches, card.webSearches, perThousand),
  ];
  let sum = 0n;
  for (const cost of costs) {
    if (cost === null) return null;
    sum += cost;
  }
  return sum;
}

function unitCost(count = 0, rate: bigint | undefined, share: bigint): bigint | null {
  if (count === 0) return 0n;
  return rate === undefined ? null : BigInt(count) * rate * share;
}

function audioCost({ audioHour, audioMinimumMs }: RateCard, audioMs: number): bigint | null {
  if (audioMs === 0) return 0n;
  if (audioHour === undefined) return null;
  return BigInt(Math.max(audioMs, audioMinimumMs)) * audioHour * perMillisecond;
}

function imageCost({ images: prices }: RateCard, images: readonly BilledImages[]): bigint | null {
  let sum = 0n;
  for (const { count, size, quality } of images) {
    if (count === 0) continue;
    const price = prices.find((entry) => (entry.size ?? size) === size && (entry.quality ?? quality) === quality);
    if (price === undefined) return null;
    sum += BigInt(count) * price.nanoUsd * scale;
  }
  return sum;
}

function countOf(images: readonly BilledImages[] = []): number {
  return images.reduce((sum, { count }) => sum + count, 0);
}
