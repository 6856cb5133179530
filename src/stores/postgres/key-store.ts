import type { KeyStore } from '../../auth/key-store.ts';
import { sqlKeyStore } from '../sql/key-store.ts';
import { openPostgres, type PostgresSettings } from './open-postgres.ts';

/** The keys that are made at run time, in PostgreSQL. */
export function postgresKeyStore(settings: PostgresSettings): KeyStore {
  return sqlKeyStore(openPostgres(settings));
}
