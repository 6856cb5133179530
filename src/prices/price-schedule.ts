import type { ModelPrices, PricePeriod } from './model-prices.ts';
import { type RateCard, rateCard } from './rate-card.ts';

/** A model's prices over time. */
export interface PriceSchedule {
  /** @param at milliseconds since 1970 */
  at(at: number): RateCard;
}

interface Period {
  readonly card: RateCard;
  covers(at: number): boolean;
}

export function priceSchedule(prices: ModelPrices, version: string): PriceSchedule {
  const usual = rateCard(prices, version);
  const periods = (prices.periods ?? []).map((period) => readPeriod(period, version));
  if (periods.length === 0) return { at: () => usual };
  return { at: (at) => periods.findLast((period) => period.covers(at))?.card ?? usual };
}

const day = 86_400_000;
const hour = 3_600_000;

function readPeriod({ from, hours, days, prices }: PricePeriod, version: string): Period {
  const begins = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(`${from}T00:00:00Z`);
  const spans = hours?.map(readSpan);
  return {
    card: rateCard(prices, version),
    covers(at) {
      if (at < begins) return false;
      if (days === 'weekdays' && isWeekend(at)) return false;
      const time = ((at % day) + day) % day;
      return (
        spans?.some(([start, end]) => (start <= end ? time >= start && time < end : time >= start || time < end)) ??
        true
      );
    },
  };
}

/** 1 January 1970 was a Thursday. */
function isWeekend(at: number): boolean {
  const weekday = (((Math.floor(at / day) + 4) % 7) + 7) % 7;
  return weekday === 0 || weekday === 6;
}

/** `01:00-04:00` in milliseconds of the day; one that ends before it begins goes over midnight. */
function readSpan(span: string): readonly [start: number, end: number] {
  const [startHour = 0, startMinute = 0, endHour = 0, endMinute = 0] = span.split(/[:-]/).map(Number);
  return [startHour * hour + startMinute * 60_000, endHour * hour + endMinute * 60_000];
}
