import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from '@jest/globals';
import { memoryKeyStore } from '../../src/stores/memory/key-store.ts';
import { postgresKeyStore } from '../../src/stores/postgres/key-store.ts';
import { connectRedis, type RedisConnection, redisKeyStore } from '../../src/stores/redis/index.ts';
import { sqliteKeyStore } from '../../src/stores/sqlite/key-store.ts';
import { describeWith, startPostgres, startRedis, type TestServer } from '../support/servers.ts';
import { keyStoreConformance } from './key-conformance.ts';

describe('the store of keys in memory', () => keyStoreConformance(() => memoryKeyStore()));

describe('the store of keys in SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keys-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  keyStoreConformance(() => sqliteKeyStore({ path: join(folder, 'keys.db') }));
});

describeWith('Redis', 'the store of keys in Redis', () => {
  let server: TestServer;
  let connection: RedisConnection;
  beforeAll(async () => {
    server = await startRedis();
    connection = connectRedis({ url: server.url, commandTimeout: '60s' });
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
  });

  keyStoreConformance(() => redisKeyStore(connection));
});

describeWith('PostgreSQL', 'the store of keys in PostgreSQL', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  keyStoreConformance(() => postgresKeyStore({ url: server.url }));
});
