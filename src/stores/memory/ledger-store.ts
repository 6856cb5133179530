import type { LedgerStore, TotalsQuery, TotalsRow } from '../../usage/ledger.ts';
import {
  addToCells,
  type CellTable,
  dimensions,
  type Measures,
  measureNames,
  type UsageCell,
} from '../../usage/usage-cell.ts';

export interface MemoryLedgerSettings {
  /**
   * Combinations of quarter of an hour and everything usage can be grouped by. Beyond it the oldest quarters are
   * forgotten.
   * @default 20000
   */
  readonly maxCells?: number;
}

/** Sums in memory, for a gateway without storage: no row is kept, and everything is gone with the process. */
export function memoryLedgerStore({ maxCells = 20_000 }: MemoryLedgerSettings = {}): LedgerStore {
  const cells: CellTable = new Map();
  return {
    async write(entries) {
      for (const entry of entries) addToCells(cells, entry);
      if (cells.size > maxCells) forgetOldest(cells, Math.ceil(maxCells * 0.9));
    },
    totals: async (query) => addUp(cells.values(), query),
    async prune(before, most) {
      const old = [...cells].filter(([, { slot }]) => slot < before).slice(0, most);
      for (const [key] of old) cells.delete(key);
      return old.length;
    },
    async close() {
      cells.clear();
    },
  };
}

/** Cells are made in the order of time, all but exactly. */
function forgetOldest(cells: CellTable, keep: number): void {
  for (const key of cells.keys()) {
    if (cells.size <= keep) return;
    cells.delete(key);
  }
}

interface Group {
  readonly stretch: number;
  readonly group: readonly (string | null)[];
  readonly sums: bigint[];
}

function addUp(cells: Iterable<UsageCell>, query: TotalsQuery): readonly TotalsRow[] | 'too many' {
  const { stretches, groupBy, filters, most } = query;
  const places = groupBy.map((dimension) => dimensions.indexOf(dimension));
  const wanted = filters.map(({ dimension, value }) => ({ place: dimensions.indexOf(dimension), value: value ?? '' }));
  const groups = new Map<string, Group>();
  for (const { slot, values, sums } of cells) {
    const stretch = stretches.findIndex(({ from, to }) => slot >= from && slot < to);
    if (stretch === -1 || wanted.some(({ place, value }) => values[place] !== value)) continue;
    const group = places.map((place) => values[place] || null);
    const key = JSON.stringify([stretch, group]);
    const found = groups.get(key) ?? { stretch, group, sums: measureNames.map(() => 0n) };
    groups.set(key, found);
    if (groups.size > most) return 'too many';
    for (const [index, sum] of sums.entries()) found.sums[index] = (found.sums[index] ?? 0n) + BigInt(sum);
  }
  return [...groups.values()].map(({ stretch, group, sums }) => ({ stretch, group, measures: measuresOf(sums) }));
}

function measuresOf(sums: readonly bigint[]): Measures {
  return Object.fromEntries(measureNames.map((name, index) => [name, sums[index] ?? 0n])) as Measures;
}
