import { describe, it } from '@jest/globals';
import { outages, totalOutage } from '../../verify/checks/total-outage.ts';
import { expectAll } from './support.ts';

/** Without the budget there would be hundreds more. */
const spare = 10;

describe('a total outage', () => {
  it.each(outages.filter((outage) => outage !== 'e429'))(
    'FO-11: adds at most a fifth to the calls, and three per target (%s)',
    async (outage) => {
      expectAll(
        await totalOutage({ outage, requests: 300, requestsPerSecond: 50, calm: 50, speed: 5, seed: 3, spare }),
      );
    },
  );

  // No target is ejected for it, so nothing but the budget keeps the bound.
  it('FO-11: adds no more when all targets are out of rate without a hint', async () => {
    expectAll(
      await totalOutage({ outage: 'e429', requests: 150, requestsPerSecond: 50, calm: 20, speed: 1, seed: 3, spare }),
    );
  });

  it('FO-11: adds no more when calls are so rare that each seems to be the first', async () => {
    expectAll(
      await totalOutage({ outage: 'e429', requests: 300, requestsPerSecond: 2, calm: 10, speed: 100, seed: 3, spare }),
    );
  });
});
