import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { calcPrice, findProvider, type ModelPrice, type TieredPrices } from '@pydantic/genai-prices';
import { asObject, asString } from '../core/json.ts';
import type { LongPromptPrices, ModelPrices, TokenPrices } from './model-prices.ts';
import { type RateCard, rateCard } from './rate-card.ts';

/** Under which name the public data (https://github.com/pydantic/genai-prices) knows a provider of ours. */
const knownAs: ReadonlyMap<string, string> = new Map([
  ['openai', 'openai'],
  ['anthropic', 'anthropic'],
  ['gemini', 'google'],
  ['vertex', 'google'],
  ['mistral', 'mistral'],
  ['groq', 'groq'],
  ['together', 'together'],
  ['deepseek', 'deepseek'],
  ['cohere', 'cohere'],
  ['bedrock', 'aws'],
  ['azure', 'azure'],
  ['cerebras', 'cerebras'],
  ['fireworks', 'fireworks'],
  ['openrouter', 'openrouter'],
  ['perplexity', 'perplexity'],
  ['xai', 'x-ai'],
  ['zai', 'zai'],
]);

export interface PublicModel {
  /** Tokens; `undefined` where the data does not say. */
  readonly contextWindow: number | undefined;
  /** @param at milliseconds since 1970 */
  at(at: number): RateCard;
}

/**
 * A model in the public data. Its prices are read from the package's own copy; nothing is fetched.
 *
 * @param provider our name of it
 * @param address base URL of a server that is no known provider, which the data may know by it (OpenRouter, Fireworks)
 */
export function publicModel(provider: string, model: string, address?: string): PublicModel | undefined {
  const { providerId, name } = seller(provider, model, address);
  if (providerId === undefined) return undefined;
  const found = calcPrice({}, name, { providerId, timestamp: new Date(0) });
  if (found === null) return undefined;
  const isDated = Array.isArray(found.model.prices);
  const minimum = providerId === 'groq' && found.model.id.startsWith('whisper-') ? groqMinimum : {};
  const cards = new Map<ModelPrice, RateCard>();
  const cardFor = (price: ModelPrice): RateCard => {
    const known = cards.get(price) ?? rateCard({ ...modelPrices(price), ...minimum }, publicVersion());
    cards.set(price, known);
    return known;
  };
  let current: { readonly minute: number; readonly card: RateCard } | undefined;
  return {
    contextWindow: found.model.context_window,
    at(at) {
      if (!isDated) return cardFor(found.model_price);
      const asked = Math.floor(at / minute);
      if (current?.minute !== asked) {
        // Which of several prices holds at a time is for the package to know.
        const then = calcPrice({}, name, { providerId, timestamp: new Date(asked * minute) });
        current = { minute: asked, card: cardFor(then?.model_price ?? found.model_price) };
      }
      return current.card;
    },
  };
}

/** Prices change on the minute. */
const minute = 60_000;

/** https://console.groq.com/docs/speech-to-text: ten seconds are billed at least. */
const groqMinimum = { audioMinimumSeconds: 10 };

interface Seller {
  /** As the data knows it. */
  readonly providerId: string | undefined;
  /** The model's name there. */
  readonly name: string;
}

function seller(provider: string, model: string, address: string | undefined): Seller {
  if (provider === 'hugging-face') return routedSeller(model);
  const providerId = knownAs.get(provider) ?? (address && findProvider({ providerApiUrl: address })?.id);
  return { providerId, name: model };
}

/**
 * Hugging Face passes on the price of whom it asks, which only the name's end tells: `openai/gpt-oss-120b:together`.
 * https://huggingface.co/docs/inference-providers/pricing
 */
function routedSeller(model: string): Seller {
  const colon = model.lastIndexOf(':');
  const host = `huggingface_${model.slice(colon + 1)}`;
  const known = colon !== -1 && findProvider({ providerId: host })?.id === host;
  return { providerId: known ? host : undefined, name: known ? model.slice(0, colon) : model };
}

/** Their word for each kind: https://github.com/pydantic/genai-prices/blob/main/prices/units.yml */
const tokenKeys: Readonly<Record<string, keyof TokenPrices>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cacheRead',
  cache_write_mtok: 'cacheWrite',
  cache_write_1h_mtok: 'cacheWrite1h',
  output_reasoning_mtok: 'reasoning',
  input_audio_mtok: 'inputAudio',
  cache_audio_read_mtok: 'cacheReadAudio',
  output_audio_mtok: 'outputAudio',
  input_image_mtok: 'inputImage',
  cache_image_read_mtok: 'cacheReadImage',
  output_image_mtok: 'outputImage',
};

function modelPrices(price: ModelPrice): ModelPrices {
  const audioHour = flat(price.audio_hours) ?? flat(price.input_audio_hours);
  const webSearches = flat(price.web_searches_kcount);
  const requests = flat(price.requests_kcount);
  return {
    ...tokenPrices(price, 0),
    longPrompts: tierStarts(price).map((above): LongPromptPrices => ({ ...tokenPrices(price, above + 1), above })),
    ...(audioHour !== undefined && { audioHour }),
    ...(webSearches !== undefined && { webSearches }),
    ...(requests !== undefined && { request: requests / 1000 }),
  };
}

/** Prices of a prompt of this length. */
function tokenPrices(price: ModelPrice, length: number): TokenPrices {
  const entries = Object.entries(tokenKeys).flatMap(([key, kind]) => {
    const value = price[key];
    return value === undefined ? [] : [[kind, priceAt(value, length)] as const];
  });
  return Object.fromEntries(entries);
}

function priceAt(value: number | TieredPrices, length: number): number {
  if (typeof value === 'number') return value;
  const tiers = [...value.tiers].sort((a, b) => a.start - b.start);
  return tiers.findLast(({ start }) => length > start)?.price ?? value.base;
}

function tierStarts(price: ModelPrice): readonly number[] {
  const starts = Object.values(price).flatMap((value) =>
    typeof value === 'object' ? value.tiers.map(({ start }) => start) : [],
  );
  return [...new Set(starts)].sort((a, b) => a - b);
}

function flat(value: ModelPrice[string]): number | undefined {
  return typeof value === 'number' ? value : value?.base;
}

let version: string | undefined;

/** The installed version, which the package does not export. */
function publicVersion(): string {
  version ??= `genai-prices@${installedVersion()}`;
  return version;
}

function installedVersion(): string {
  try {
    const entry = createRequire(import.meta.url).resolve('@pydantic/genai-prices');
    const manifest: unknown = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8'));
    return asString(asObject(manifest)?.version) ?? 'unknown';
  } catch {
    // Bundled into somebody's single file: its data is there, its manifest is not.
    return 'bundled';
  }
}
