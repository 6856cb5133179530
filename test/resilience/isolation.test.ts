import { describe, it } from '@jest/globals';
import { isolation } from '../../verify/checks/isolation.ts';
import { expectAll } from './support.ts';

describe('two gateways in one process', () => {
  it('share nothing: neither health nor keys nor budget nor connections', async () => {
    expectAll(await isolation());
  });
});
