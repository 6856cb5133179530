import { doBudgetJob } from './budget-calls.ts';
import { openBudgetStore } from './budget-stores.ts';
import type { BudgetJob } from './budget-workers.ts';

/*
 * One of several processes that share a store of budgets. It is told the store in its first argument, does each job it is
 * sent, and answers with what came of it. It ends with its parent.
 */

const store = await openBudgetStore(JSON.parse(process.argv[2] ?? '{}'));
let jobs = 0;
process.on('message', (job: BudgetJob) => {
  jobs += 1;
  void doBudgetJob(store, job, `${process.pid}-${jobs}`).then((report) => process.send?.(report));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
