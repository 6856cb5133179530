import type { BillableUsage } from './billable-usage.ts';
import { computeCost } from './compute-cost.ts';
import { entryFor } from './match-model.ts';
import { overridesCheckedOn, priceOverrides } from './override-table.ts';
import type { OwnPrices } from './price-options.ts';
import { priceSchedule } from './price-schedule.ts';
import { type PublicModel, publicModel } from './public-prices.ts';
import type { RateCard } from './rate-card.ts';

/** A model as far as prices know it. */
export interface PricedModel {
  /** The provider's own name, not the one it bears in a configuration. */
  readonly provider: string;
  /** The provider's name of the model. */
  readonly model: string;
  /** What the operator says it costs. */
  readonly own?: OwnPrices;
  /** Base URL, where the provider is any server. */
  readonly address?: string;
}

export interface Price {
  /** A whole number of nano-USD. */
  readonly nanoUsd: number;
  /** Which prices these were; for the record of what was billed. */
  readonly version: string;
}

/** All that is known of what a model costs. */
export interface ModelPricing {
  /** Tokens, where the public data says. */
  readonly contextWindow: number | undefined;
  /** The prices that hold at a time (milliseconds since 1970); null where nobody knows any. */
  rates(at: number): RateCard | null;
  /** The price of an answer; null where something in it has no known price. Never 0 for want of knowledge. */
  priceOf(usage: BillableUsage, at: number): Price | null;
}

/** What the operator says counts first, then this package's corrections, then the public data. */
export function pricingOf(priced: PricedModel): ModelPricing {
  const listed = publicModel(priced.provider, priced.model, priced.address);
  const source = ownSchedule(priced) ?? overrideSchedule(priced) ?? listed;
  const rates = (at: number): RateCard | null => source?.at(at) ?? null;
  return {
    contextWindow: listed?.contextWindow,
    rates,
    priceOf(usage, at) {
      const card = rates(at);
      const nanoUsd = card === null ? null : computeCost(card, usage);
      return card === null || nanoUsd === null ? null : { nanoUsd, version: card.version };
    },
  };
}

type Source = Pick<PublicModel, 'at'>;

function ownSchedule({ own, model }: PricedModel): Source | undefined {
  const prices = own && entryFor(own.table, model);
  return prices && priceSchedule(prices, own.version);
}

function overrideSchedule({ provider, model }: PricedModel): Source | undefined {
  const table = Object.hasOwn(priceOverrides, provider) ? priceOverrides[provider] : undefined;
  const prices = table && entryFor(table, model);
  return prices && priceSchedule(prices, `corrections@${overridesCheckedOn}`);
}
