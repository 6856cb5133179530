import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { memoryKeyStore } from '../../src/stores/memory/key-store.ts';
import { openPostgres } from '../../src/stores/postgres/open-postgres.ts';
import { sqlKeyStore } from '../../src/stores/sql/key-store.ts';
import { openSqlite } from '../../src/stores/sqlite/open-sqlite.ts';
import { describeWith, startPostgres, type TestServer } from '../support/servers.ts';
import { keyStoreConformance } from './key-conformance.ts';

describe('the store of keys in memory', () => keyStoreConformance(() => memoryKeyStore()));

describe('the store of keys in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  keyStoreConformance(() => sqlKeyStore(openSqlite({ path: join(folder, 'keys.db') })));
});

describeWith('PostgreSQL', 'the store of keys in PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 60_000);
  afterAll(() => server.stop());

  keyStoreConformance(() => sqlKeyStore(openPostgres({ url: server.url })));
});
