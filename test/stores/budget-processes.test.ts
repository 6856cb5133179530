import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { budgetBorder, budgetDeaths, budgetOverspend } from '../../verify/checks/budgets.ts';
import { type BudgetSite, openBudgetSite } from '../../verify/harness/budget-site.ts';
import { expectAll } from '../resilience/support.ts';
import { describeWith } from '../support/servers.ts';

const seed = 20_261_121;

describe('budgets of several processes', () => {
  it('CG-01 never spends more than the budget in one process', async () => {
    const site = await openBudgetSite('memory', { workers: 1 });
    expectAll(await budgetOverspend(site, { workers: 1, parallel: 500, rounds: 4, seed }));
    await site.stop();
  });

  describe('in SQLite', () => proofs('SQLite'));
  describeWith('Redis', 'in Redis', () => proofs('Redis'));
  describeWith('PostgreSQL', 'in PostgreSQL', () => proofs('PostgreSQL'));
});

function proofs(kind: 'SQLite' | 'Redis' | 'PostgreSQL'): void {
  let site: BudgetSite;
  beforeAll(async () => {
    site = await openBudgetSite(kind, { workers: 4 });
  });
  afterAll(() => site.stop());

  it('CG-02 never spends more than the budget in four processes', async () => {
    expectAll(await budgetOverspend(site, { workers: 4, parallel: 500, rounds: 2, seed }));
  });

  it('CG-30 loses nothing when four processes reach the end of a period together', async () => {
    expectAll(await budgetBorder(site, { calls: 400, seed }));
  });

  it('LC-09 and CG-24 frees what a dead process held within its lease, while the others go on', async () => {
    expectAll(await budgetDeaths(site, { leaseMs: 2_000, kills: 1, seed }));
  });
}
