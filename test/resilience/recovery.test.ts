import { describe, it } from '@jest/globals';
import { heal } from '../../verify/checks/heal.ts';
import { probeCrowd } from '../../verify/checks/probe-crowd.ts';
import { expectAll } from './support.ts';

describe('recovery', () => {
  it('FO-15: one of 200 callers tries an ejected target at the end of its cooldown', async () => {
    expectAll(await probeCrowd({ crowd: 200, strategy: 'priority', seed: 1, thinking: 2_500 }));
  });

  it.each(['priority', 'weighted'] as const)(
    'FO-20: a healed target is found within its cooldown and a second, and fully loaded 10 s later (%s)',
    async (strategy) => {
      expectAll(await heal({ strategy, requestsPerSecond: 50, cooldown: 2, speed: 3, seed: 4, deviations: 6 }));
    },
  );
});
