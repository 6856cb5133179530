import type { Refusal } from './personality.ts';

/** The first complaint of a list of checks, in their order. */
export function firstRefusal(checks: Iterable<() => Refusal | undefined>): Refusal | undefined {
  for (const check of checks) {
    const refusal = check();
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The first complaint about any item of a list. */
export function refuseAny<Item>(
  items: readonly Item[],
  check: (item: Item, index: number) => Refusal | undefined,
): Refusal | undefined {
  return firstRefusal(items.map((item, index) => () => check(item, index)));
}
