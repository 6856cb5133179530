export { type SqliteBudgetSettings, sqliteBudgetStore } from './budget-store.ts';
export { sqliteKeyStore } from './key-store.ts';
export { sqliteLedger } from './ledger.ts';
export type { SqliteSettings } from './open-sqlite.ts';
