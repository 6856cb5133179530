import { describe, it } from '@jest/globals';
import { retryDelays } from '../../verify/checks/retry-delays.ts';
import { sharesByWeight } from '../../verify/checks/weights.ts';
import { expectAll } from './support.ts';

describe('shares', () => {
  it.each([0, 2] as const)(
    'FO-23: follow the weights, with all targets and with target %d ejected',
    async (ejected) => {
      expectAll(await sharesByWeight({ requests: 2_000, ejected, seed: 1 }));
    },
  );
});

describe('retry delays', () => {
  it('FO-10: are those of the documented backoff, and what a provider asks for', async () => {
    // How late a timer is says something of the machine; what is asked of it is exact in the tests of the delays.
    expectAll(await retryDelays({ calls: 150, seed: 1, lateness: 3_000 }));
  });
});
