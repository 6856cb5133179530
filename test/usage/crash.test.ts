import { describe, it } from '@jest/globals';
import { ledgerDeaths } from '../../verify/checks/ledger-deaths.ts';
import { ledgerCrowd, ledgerEnding } from '../../verify/checks/ledger-endings.ts';
import { ledgerSums } from '../../verify/checks/ledger-sums.ts';
import { ledgerTokens } from '../../verify/checks/ledger-tokens.ts';
import { expectAll } from '../resilience/support.ts';
import { describeWith } from '../support/servers.ts';

describe('the ledger', () => {
  it('CG-24: of processes killed at random moments, loses nothing a client saw the end of, doubles nothing, and ends what was under way', async () => {
    expectAll(await ledgerDeaths({ store: 'SQLite', kills: 6, requests: 150, seed: 24 }));
  }, 180_000);

  it('LC-04: has every row of calls that ended right before SIGTERM', async () => {
    expectAll(await ledgerEnding({ store: 'SQLite', calls: 200 }));
  });

  it('LC-07: four processes share a file, and none of them meets a busy database', async () => {
    expectAll(await ledgerCrowd({ store: 'SQLite', calls: 400, processes: 4 }));
  });

  it('CG-36: has to the nano-dollar what budgets, reports and the provider have', async () => {
    expectAll(await ledgerSums({ calls: 500, seed: 36 }));
  });

  it('CG-17: has the tokens that providers counted, in every dialect and however an answer ends', async () => {
    expectAll(await ledgerTokens({ answers: 3, seed: 17 }));
  });
});

describeWith('PostgreSQL', 'the ledger in PostgreSQL of processes that die', () => {
  it('CG-24: loses nothing, doubles nothing, and ends what was under way', async () => {
    expectAll(await ledgerDeaths({ store: 'PostgreSQL', kills: 3, requests: 75, seed: 25 }));
  }, 180_000);
});
