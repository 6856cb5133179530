import type { LedgerStore } from '../../usage/index.ts';
import { sqlLedgerStore } from '../sql/ledger-store.ts';
import { openSqlite, type SqliteSettings } from './open-sqlite.ts';

/** The ledger in an SQLite file that several processes may share. */
export function sqliteLedger(settings: SqliteSettings): LedgerStore {
  return sqlLedgerStore(openSqlite(settings));
}
