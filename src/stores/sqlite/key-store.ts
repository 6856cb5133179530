import type { KeyStore } from '../../auth/key-store.ts';
import { sqlKeyStore } from '../sql/key-store.ts';
import { openSqlite, type SqliteSettings } from './open-sqlite.ts';

/** The keys that are made at run time, in an SQLite file. */
export function sqliteKeyStore(settings: SqliteSettings): KeyStore {
  return sqlKeyStore(openSqlite(settings));
}
