export type { BillableUsage, BilledImages } from './billable-usage.ts';
export { entryFor } from './match-model.ts';
export type { ModelPrices, PriceTable } from './model-prices.ts';
export { type ModelPricing, type Price, type PricedModel, pricingOf } from './price-of.ts';
export { type OwnPrices, readOwnPrices } from './price-options.ts';
export type { RateCard, TokenRates } from './rate-card.ts';
