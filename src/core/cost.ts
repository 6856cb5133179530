/** Money is whole nano-USD: a thousand-millionth of a US dollar. Sums that could pass 2^53 are BigInt. */
export type NanoUsd = number;

export function nanoUsd(dollars: number): NanoUsd {
  return Math.round(dollars * 1e9);
}

/** What an attempt cost. */
export interface Cost {
  /** Null where something was used that has no known price. */
  readonly nanoUsd: NanoUsd | null;
  /** Which prices these were, for whoever looks at the row a year later. */
  readonly priceVersion: string;
}

/** The sum of what several attempts cost; null when one of them is not known, `undefined` when there were none. */
export function sumOfCosts(costs: readonly (Cost | undefined)[]): NanoUsd | null | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0) return undefined;
  let sum = 0;
  for (const { nanoUsd } of known) {
    if (nanoUsd === null) return null;
    sum += nanoUsd;
  }
  return sum;
}
