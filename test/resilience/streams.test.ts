import { describe, it } from '@jest/globals';
import { aborts } from '../../verify/checks/aborts.ts';
import { chunkings } from '../../verify/checks/chunkings.ts';
import { slowReaders } from '../../verify/checks/slow-readers.ts';
import { truncations } from '../../verify/checks/truncations.ts';
import { expectAll } from './support.ts';

describe('streams', () => {
  it('PT-01: say the same wherever the network cuts them', async () => {
    expectAll(await chunkings({ inProcess: 2_000, overSockets: 60, seed: 5 }));
  });

  it('PT-06: never end as if they were whole when they stop after any of their bytes', async () => {
    expectAll(await truncations({ step: 1, names: ['small'] }));
  });

  it('cost little for clients that do not read', async () => {
    expectAll(await slowReaders({ readers: 25, provider: 'openai', megabytes: 8 }));
  });

  it('PT-22: are let go at the provider when their callers leave', async () => {
    expectAll(await aborts({ aborts: 200, seed: 6 }));
  });
});
