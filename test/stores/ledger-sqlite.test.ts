import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { sqlLedgerStore } from '../../src/stores/sql/ledger-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { ledgerConformance } from './ledger-conformance.ts';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

ledgerConformance('SQLite in memory', {
  open: async () => sqlLedgerStore(openSqlite({ path: ':memory:' })),
  keepsRows: true,
});

ledgerConformance('SQLite in a file', {
  open: async () => {
    files += 1;
    return sqlLedgerStore(openSqlite({ path: join(folder, `ledger-${files}.db`) }));
  },
  keepsRows: true,
});
