import { Kysely, PostgresDialect, type PostgresPool, sql, type Transaction } from 'kysely';
import type { BulkInsert, SqlEngine } from '../sql/engine.ts';

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`; what it leaves out comes from libpq's environment variables. */
  readonly url: string;
  /** Connections at most. @default 4 */
  readonly connections?: number;
  /** Milliseconds until a connection must stand. @default 2000 */
  readonly connectTimeoutMs?: number;
  /** Milliseconds a statement may take, on the server and as seen from here. @default 5000 */
  readonly statementTimeoutMs?: number;
}

/** Opens a PostgreSQL database with `pg`, which the app brings. Nothing is imported or connected before the first use. */
export function openPostgres(settings: PostgresSettings): SqlEngine {
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: () => openPool(settings) }) });
  return {
    db,
    // Two texts' worth of a number nobody else takes: https://www.postgresql.org/docs/current/explicit-locking.html
    lockMigrations: async (transaction) => {
      await sql`select pg_advisory_xact_lock(hashtextextended('ai-gateway-middleware:migrations', 0))`.execute(
        transaction,
      );
    },
    insertRows: (transaction, insert) => insertRows(transaction, insert),
    triples: (json) => sql`
      select (three ->> 0)::bigint, (three ->> 1)::bigint, (three ->> 2)::bigint
      from json_array_elements(${json}::json) as list(three)`,
    close: () => db.destroy(),
  };
}

async function insertRows(
  transaction: Transaction<unknown>,
  { into, columns, key, conflict, rows }: BulkInsert,
): Promise<readonly number[]> {
  const names = sql.raw(columns.map(({ name }) => name).join(', '));
  const values = sql.raw(columns.map(({ type }, index) => `(line ->> ${index})::${type}`).join(', '));
  const { rows: written } = await sql<Record<string, unknown>>`
    insert into ${sql.raw(into)} (${names})
    select ${values} from json_array_elements(${JSON.stringify(rows)}::json) as list(line)
    ${sql.raw(conflict)} returning ${sql.raw(key.join(', '))}`.execute(transaction);
  const places = key.map((name) => columns.findIndex((column) => column.name === name));
  const firstWith = new Map<string, number>();
  for (const [position, row] of rows.entries()) {
    const id = JSON.stringify(places.map((place) => String(row[place])));
    if (!firstWith.has(id)) firstWith.set(id, position);
  }
  return written.flatMap((row) => firstWith.get(JSON.stringify(key.map((name) => String(row[name])))) ?? []);
}

async function openPool(settings: PostgresSettings): Promise<PostgresPool> {
  const { url, connections = 4, connectTimeoutMs = 2000, statementTimeoutMs = 5000 } = settings;
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: statementTimeoutMs,
    // For a server that no longer answers at all.
    query_timeout: statementTimeoutMs + 1000,
    idle_in_transaction_session_timeout: statementTimeoutMs * 2,
    allowExitOnIdle: true,
    application_name: 'ai-gateway',
  });
  // An idle connection that breaks is replaced by the next use; without a listener it would end the process.
  pool.on('error', () => {});
  // The same of one in use between two statements: the next statement finds out.
  pool.on('connect', (client) => void client.on('error', () => {}));
  return pool;
}
