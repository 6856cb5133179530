export { postgresLedger } from './ledger.ts';
export type { PostgresSettings } from './open-postgres.ts';
