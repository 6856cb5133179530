import type { NanoUsd } from '../core/cost.ts';

/** What one process may spend while nobody can tell it what is left. */
export interface LocalPurse {
  /** What it may use: as much of `most` as there is, `undefined` when that is less than `least`. */
  take(need: { readonly most: NanoUsd; readonly least: NanoUsd }): NanoUsd | undefined;
  /** That much has been booked, or was not used: it can be taken again. */
  putBack(amount: NanoUsd): void;
}

/**
 * A purse whose content comes back only when what was spent from it stands in the store: however often the store fails
 * in between, no more than the cap is ever spent unseen.
 */
export function createLocalPurse(cap: NanoUsd): LocalPurse {
  let left = cap;
  return {
    take({ most, least }) {
      const amount = Math.min(most, left);
      if (amount < least) return undefined;
      left -= amount;
      return amount;
    },
    putBack(amount) {
      left += amount;
    },
  };
}
