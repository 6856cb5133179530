import { type Kysely, sql, type Transaction } from 'kysely';
import type { SqlEngine } from './engine.ts';

/** One step of the schema, from the one before it. Never changed once it was published. */
export interface SqlMigration {
  /** Unique; steps are taken in the order of the list. */
  readonly name: string;
  up(db: Kysely<unknown>): Promise<void>;
}

const table = 'gateway_migrations';

/**
 * Takes the steps that have not been taken yet, all in one transaction and behind a lock: of several processes that start
 * at once one migrates, the others find everything done.
 */
export async function migrate(engine: SqlEngine, migrations: readonly SqlMigration[]): Promise<readonly string[]> {
  return engine.db.transaction().execute(async (transaction) => {
    await engine.lockMigrations(transaction);
    await sql`create table if not exists ${sql.table(table)} (name text primary key)`.execute(transaction);
    const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)}`.execute(transaction);
    const taken = new Set(rows.map(({ name }) => name));
    const missing = migrations.filter(({ name }) => !taken.has(name));
    for (const migration of missing) await take(transaction, migration);
    return missing.map(({ name }) => name);
  });
}

/** Migrates with the first question and remembers that it is done; what failed is tried again with the next. */
export function migrateOnce(engine: SqlEngine, migrations: readonly SqlMigration[]): () => Promise<unknown> {
  let migrated: Promise<unknown> | undefined;
  return () => {
    migrated ??= migrate(engine, migrations).catch((thrown: unknown) => {
      migrated = undefined;
      throw thrown;
    });
    return migrated;
  };
}

async function take(transaction: Transaction<unknown>, { name, up }: SqlMigration): Promise<void> {
  await up(transaction);
  await sql`insert into ${sql.table(table)} (name) values (${name})`.execute(transaction);
}
