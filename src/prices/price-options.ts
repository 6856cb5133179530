import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ConfigurationError } from '../core/errors.ts';
import { isJsonObject } from '../core/json.ts';
import { parseOptions } from '../core/options.ts';
import type { ModelPrices, PriceTable } from './model-prices.ts';

const usd = z
  .number('must be a number of US dollars')
  .nonnegative('must be 0 or greater')
  .max(1e6, 'is beyond any price');
const tokenPrices = {
  input: usd.exactOptional(),
  output: usd.exactOptional(),
  cacheRead: usd.exactOptional(),
  cacheWrite: usd.exactOptional(),
  cacheWrite1h: usd.exactOptional(),
  reasoning: usd.exactOptional(),
  inputAudio: usd.exactOptional(),
  cacheReadAudio: usd.exactOptional(),
  inputImage: usd.exactOptional(),
  cacheReadImage: usd.exactOptional(),
  outputAudio: usd.exactOptional(),
  outputImage: usd.exactOptional(),
};
const imagePrice = z.strictObject({ usd, size: z.string().exactOptional(), quality: z.string().exactOptional() });
const steadyPrices = {
  ...tokenPrices,
  request: usd.exactOptional(),
  images: z.array(imagePrice, 'must be a list such as [{ usd: 0.04 }]').exactOptional(),
  audioHour: usd.exactOptional(),
  audioMinimumSeconds: z.number('must be a number').nonnegative('must be 0 or greater').exactOptional(),
  characters: usd.exactOptional(),
  webSearches: usd.exactOptional(),
  longPrompts: z
    .array(z.strictObject({ ...tokenPrices, above: z.int('must be a whole number of tokens').nonnegative() }))
    .exactOptional(),
};
const period = z.strictObject({
  from: z.iso.date('must be a day such as "2026-12-01"').exactOptional(),
  hours: z
    .array(
      z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be UTC such as "01:00-04:00"'),
    )
    .min(1)
    .exactOptional(),
  days: z.enum(['all', 'weekdays'], 'must be "all" or "weekdays"').exactOptional(),
  prices: z.strictObject(steadyPrices, 'must be an object of prices'),
});

/** The prices of one model as an operator writes them. */
const modelPrices = z.strictObject(
  { ...steadyPrices, periods: z.array(period).exactOptional() },
  'must be an object such as { input: 2.5, output: 10 }, in US dollars per million tokens',
);
const table = z.record(
  z.string(),
  modelPrices,
  'must be an object of models and their prices, or the path of a JSON file',
);

/** An operator's own prices, and of when they are. */
export interface OwnPrices {
  readonly table: PriceTable;
  /** Changes whenever a price does. */
  readonly version: string;
}

/**
 * Reads an operator's prices: an object, or the path of a JSON file that holds one, so that prices can be brought up to
 * date without a release.
 *
 * @param where how the operator knows them: `providers.openai.prices`
 * @throws ConfigurationError naming the model, the price and the fix
 */
export function readOwnPrices(written: unknown, where: string): OwnPrices {
  const value: unknown = typeof written === 'string' ? readPriceFile(written, where) : written;
  const parsed: Readonly<Record<string, ModelPrices>> = parseOptions(table, value, where);
  const digest = createHash('sha256').update(JSON.stringify(parsed)).digest('hex');
  return { table: parsed, version: `own:${digest.slice(0, 12)}` };
}

function readPriceFile(path: string, where: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (thrown) {
    throw new ConfigurationError(`${where}: the price file "${path}" cannot be read (${reasonOf(thrown)}).`);
  }
}

function reasonOf(thrown: unknown): string {
  const code = isJsonObject(thrown) ? thrown.code : undefined;
  return typeof code === 'string' ? code : 'it is not valid JSON';
}
