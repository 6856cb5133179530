import type { LedgerStore } from '../../usage/index.ts';
import { sqlLedgerStore } from '../sql/ledger-store.ts';
import { openPostgres, type PostgresSettings } from './open-postgres.ts';

/** The ledger in PostgreSQL; the app brings the package `pg`. */
export function postgresLedger(settings: PostgresSettings): LedgerStore {
  return sqlLedgerStore(openPostgres(settings));
}
