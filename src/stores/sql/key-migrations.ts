import { type Kysely, sql } from 'kysely';
import type { SqlMigration } from './migrate.ts';

/** The schema of the store of keys, step by step. */
export const keyMigrations: readonly SqlMigration[] = [{ name: 'keys-1-keys-and-audit', up: keysAndAudit }];

async function keysAndAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('gateway_keys')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('hint', 'text', (column) => column.notNull())
    .addColumn('previous_digest', 'text', (column) => column.unique())
    .addColumn('previous_until', 'bigint')
    .addColumn('team', 'text')
    .addColumn('terms', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('gateway_keys_revision').on('gateway_keys').column('revision').execute();
  await db.schema.createIndex('gateway_keys_team').on('gateway_keys').columns(['team', 'id']).execute();
  await db.schema
    .createTable('gateway_key_revision')
    .addColumn('id', 'integer', (column) => column.notNull().primaryKey())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .execute();
  await sql`insert into gateway_key_revision (id, revision) values (1, 0)`.execute(db);
  await db.schema
    .createTable('gateway_key_audit')
    .addColumn('id', 'text', (column) => column.notNull().primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('target', 'text')
    .addColumn('request_id', 'text')
    .addColumn('peer', 'text')
    .addColumn('terms_before', 'text')
    .addColumn('terms_after', 'text')
    .execute();
  await db.schema.createIndex('gateway_key_audit_at').on('gateway_key_audit').columns(['at', 'id']).execute();
  await db.schema.createIndex('gateway_key_audit_target').on('gateway_key_audit').columns(['target', 'at']).execute();
}
