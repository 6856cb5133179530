import { afterAll, beforeAll } from '@jest/globals';
import pg from 'pg';
import { openPostgres } from '../../src/stores/postgres/open-postgres.ts';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { describeWith, startPostgres, type TestServer } from '../support/servers.ts';
import { ledgerConformance } from './ledger-conformance.ts';

describeWith('PostgreSQL', 'a real server', () => {
  let server: TestServer;
  let databases = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  ledgerConformance('PostgreSQL', {
    async open() {
      databases += 1;
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      await client.query(`create database ledger_${databases}`);
      await client.end();
      return sqlLedgerStore(openPostgres({ url: server.url.replace(/\/postgres$/, `/ledger_${databases}`) }));
    },
    keepsRows: true,
  });
});
