import type { Kysely } from 'kysely';
import type { SqlMigration } from './migrate.ts';

/** The schema of the budgets, step by step. */
export const budgetMigrations: readonly SqlMigration[] = [{ name: 'budgets-1-slices-and-leases', up: slicesAndLeases }];

async function slicesAndLeases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('budget_slices')
    .addColumn('counter', 'text', (column) => column.notNull())
    .addColumn('slice', 'bigint', (column) => column.notNull())
    .addColumn('spent', 'bigint', (column) => column.notNull())
    .addColumn('held', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('budget_slices_key', ['counter', 'slice'])
    .execute();
  await db.schema
    .createTable('budget_leases')
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('counter', 'text', (column) => column.notNull())
    .addColumn('slice', 'bigint', (column) => column.notNull())
    .addColumn('amount', 'bigint', (column) => column.notNull())
    .addColumn('ends_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('budget_leases_key', ['id', 'counter'])
    .execute();
  await db.schema
    .createTable('budget_settled')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('budget_claims')
    .addColumn('counter', 'text', (column) => column.notNull())
    .addColumn('period', 'bigint', (column) => column.notNull())
    .addColumn('threshold', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('budget_claims_key', ['counter', 'period', 'threshold'])
    .execute();
  await db.schema.createIndex('budget_slices_expires_at').on('budget_slices').column('expires_at').execute();
  await db.schema.createIndex('budget_leases_ends').on('budget_leases').columns(['counter', 'ends_at']).execute();
  await db.schema.createIndex('budget_settled_at').on('budget_settled').column('at').execute();
  await db.schema.createIndex('budget_claims_expires_at').on('budget_claims').column('expires_at').execute();
}
