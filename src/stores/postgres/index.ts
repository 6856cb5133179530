export { type PostgresBudgetSettings, postgresBudgetStore } from './budget-store.ts';
export { postgresKeyStore } from './key-store.ts';
export { postgresLedger } from './ledger.ts';
export type { PostgresSettings } from './open-postgres.ts';
