import { describe, it } from '@jest/globals';
import { reports } from '../../verify/checks/reports.ts';
import { describeWith } from '../support/servers.ts';
import { expectAll } from './support.ts';

const plan = { days: 3, users: 4 };

describe('reports over days of usage', () => {
  it('tell the sums of its rows, from SQLite', async () => {
    expectAll(await reports({ ...plan, store: 'SQLite' }));
  });
});

describeWith('PostgreSQL', 'reports over days of usage in PostgreSQL', () => {
  it('tell the sums of its rows', async () => {
    expectAll(await reports({ ...plan, store: 'PostgreSQL' }));
  });
});
