import type { BudgetScope } from '../../core/budget-rule.ts';
import type { SpendingHistory } from '../../cost-guard/budget-store.ts';
import type { Filter, LedgerStore } from '../../usage/ledger.ts';
import { type Dimension, slotOf } from '../../usage/usage-cell.ts';

/**
 * What was spent, as a ledger that outlives Redis knows it. Where the two do not count alike this errs towards more:
 * quarters of an hour are counted whole, and what a user spent under any key counts for the budget of each.
 */
export function ledgerHistory(ledger: Pick<LedgerStore, 'totals'>): SpendingHistory {
  async function sumOf(filters: readonly Filter[], since: number): Promise<number> {
    const stretches = [{ from: slotOf(since), to: endOfTime }];
    const rows = await ledger.totals({ stretches, groupBy: [], filters, most: 1 });
    if (rows === 'too many') throw new RangeError('The ledger has more than one sum of everything.');
    return rows.reduce((sum, { measures }) => sum + Number(measures.costNanoUsd), 0);
  }
  return {
    async spentSince({ scope, value }, since) {
      const sums = filtersOf(scope, value).map((filters) => sumOf(filters, since));
      return (await Promise.all(sums)).reduce((sum, each) => sum + each, 0);
    },
  };
}

/** The last quarter of an hour that JavaScript has a date for. */
const endOfTime = slotOf(8_640_000_000_000_000);

const dimensions: Readonly<Record<Exclude<BudgetScope, 'global'>, Dimension>> = {
  key: 'key',
  user: 'user',
  team: 'team',
  project: 'project',
  feature: 'feature',
  model: 'model',
};

/** Each list is a sum of its own. The ledger does not know callers without a name, whom budgets call `anonymous`. */
function filtersOf(scope: BudgetScope, value: string): readonly (readonly Filter[])[] {
  if (scope === 'global') return [[]];
  const dimension = dimensions[scope];
  const named = [{ dimension, value }];
  if (scope === 'key' || scope === 'model' || value !== 'anonymous') return [named];
  return [named, [{ dimension, value: null }]];
}
