export { sqliteLedger } from './ledger.ts';
export type { SqliteSettings } from './open-sqlite.ts';
