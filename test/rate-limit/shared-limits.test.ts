import { it } from '@jest/globals';
import { sharedLimits } from '../../verify/checks/shared-limits.ts';
import { expectAll } from '../resilience/support.ts';
import { describeWith } from '../support/servers.ts';

describeWith('Redis', 'limits over four processes', () => {
  it('RL-02 and RL-13 let exactly the limit pass, also when their clocks differ by 90 s', async () => {
    expectAll(await sharedLimits({ calls: 4_000 }));
  });
});
