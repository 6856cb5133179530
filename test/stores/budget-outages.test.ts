import { it } from '@jest/globals';
import { budgetLoss, budgetOutage } from '../../verify/checks/budget-outages.ts';
import { openBudgetSite } from '../../verify/harness/budget-site.ts';
import { expectAll } from '../resilience/support.ts';
import { describeWith } from '../support/servers.ts';

const seed = 20_261_121;
const commandTimeoutMs = 300;

describeWith('Redis', 'budgets in a Redis that goes away', () => {
  it('CG-26 counts anew from the ledger when it was started empty, and overspends nothing', async () => {
    expectAll(await budgetLoss({ settleDownMs: 1_500, seed }));
  });

  it('makes nobody wait while it is frozen, and loses nothing', async () => {
    const site = await openBudgetSite('Redis', { workers: 2, commandTimeoutMs });
    expectAll(await budgetOutage(site, { how: 'freeze', outageMs: 1_000, commandTimeoutMs, seed }));
    await site.stop();
  });
});

describeWith('PostgreSQL', 'budgets in a PostgreSQL that goes away', () => {
  it('makes nobody wait while it is frozen or dead, and loses nothing', async () => {
    const site = await openBudgetSite('PostgreSQL', { workers: 2, commandTimeoutMs });
    expectAll(await budgetOutage(site, { how: 'freeze', outageMs: 1_000, commandTimeoutMs, seed }));
    expectAll(await budgetOutage(site, { how: 'crash', outageMs: 500, commandTimeoutMs, seed }));
    await site.stop();
  });
});
