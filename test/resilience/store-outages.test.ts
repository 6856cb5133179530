import { it } from '@jest/globals';
import { ledgerOutage } from '../../verify/checks/ledger-outage.ts';
import { redisOutage } from '../../verify/checks/redis-outages.ts';
import { describeWith } from '../support/servers.ts';
import { expectAll } from './support.ts';

const plan = { outageMs: 4_000, perSecond: 20 };

describeWith('Redis', 'a Redis that goes away under load', () => {
  it('RL-08 and CG-23: is nobody\u2019s failure where limits are open, and everybody is told where they are closed', async () => {
    expectAll(await redisOutage({ ...plan, how: 'stopped' }));
  }, 180_000);
});

describeWith('PostgreSQL', 'a PostgreSQL that goes away under load', () => {
  it('is noticed by no caller, and gets every row when it is back', async () => {
    expectAll(await ledgerOutage({ ...plan, how: 'stopped' }));
  }, 180_000);
});
