import { CompiledQuery, Kysely, sql, type Transaction } from 'kysely';
import { type Runtime, systemRuntime } from '../../core/runtime.ts';
import type { BulkInsert, SqlEngine } from '../sql/engine.ts';
import { sqliteDialect } from './sqlite-dialect.ts';
import { EachRow, Together } from './thread-connection.ts';

export interface SqliteSettings {
  /** A file, which is made when it is not there, or `:memory:`. */
  readonly path: string;
  /** How long a statement waits for other processes that write to the file, in milliseconds. @default 5000 */
  readonly busyTimeoutMs?: number;
  /** How long a statement may take in all, in milliseconds; it is then given up. @default 15000 */
  readonly statementTimeoutMs?: number;
  readonly runtime?: Pick<Runtime, 'now' | 'after'>;
}

/** Opens an SQLite database on `node:sqlite`, in a thread of its own, with the write-ahead log. */
export function openSqlite(settings: SqliteSettings): SqlEngine {
  const { path, busyTimeoutMs = 5000, statementTimeoutMs = 15_000, runtime = systemRuntime } = settings;
  const db = new Kysely<unknown>({
    dialect: sqliteDialect({ start: { path, busyTimeoutMs }, statementTimeoutMs, runtime }),
  });
  return {
    db,
    // A transaction has locked the whole file.
    lockMigrations: async () => {},
    async insertTogether(inserts) {
      const steps = inserts.map((insert) => ({
        sql: insertStatement(insert),
        rows: JSON.stringify(insert.rows),
        allNew: insert.allNew,
      }));
      const { numAffectedRows } = await db.executeQuery(CompiledQuery.raw('', [new Together(steps)]));
      return numAffectedRows === 1n;
    },
    async insertRows(transaction: Transaction<unknown>, insert) {
      const query = CompiledQuery.raw(insertStatement(insert), [new EachRow(JSON.stringify(insert.rows))]);
      const { rows: changed } = await transaction.executeQuery<{ position: number }>(query);
      return changed.map(({ position }) => position);
    },
    triples: (json) => sql`select value ->> 0, value ->> 1, value ->> 2 from json_each(${json})`,
    close: () => db.destroy(),
  };
}

function insertStatement({ into, columns, conflict }: BulkInsert): string {
  const names = columns.map(({ name }) => name).join(', ');
  const places = columns.map(() => '?').join(', ');
  return `insert into ${into} (${names}) values (${places}) ${conflict}`;
}
