import { describe, it } from '@jest/globals';
import { deadProvider, deaths } from '../../verify/checks/dead-provider.ts';
import { expectAll } from './support.ts';

describe('one of three providers is dead', () => {
  it.each(deaths)('FO-01: callers do not notice, one at a time (%s)', async (death) => {
    expectAll(await deadProvider({ death, strategy: 'priority', requests: 300, concurrency: 1, seed: 1 }));
  });

  it.each(deaths)('FO-01: callers do not notice, many at a time (%s)', async (death) => {
    expectAll(await deadProvider({ death, strategy: 'weighted', requests: 1_000, concurrency: 16, seed: 2 }));
  });
});
